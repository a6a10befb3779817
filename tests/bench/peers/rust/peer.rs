// SPDX-License-Identifier: LGPL-2.1-or-later

//! What client.c does, with async-openai, in one thread. Prints the same.
//!
//! usage: peer COMMAND BASE-URL [ARGUMENT…]

use std::cell::Cell;
use std::env;

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest,
};
use async_openai::types::embeddings::{CreateEmbeddingRequest, EmbeddingInput, EncodingFormat};
use async_openai::types::files::{CreateFileRequest, FilePurpose};
use async_openai::Client;
use futures::future::try_join_all;
use futures::StreamExt;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn make_request() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest {
        model: "gpt-4o-mini".into(),
        messages: vec![
            ChatCompletionRequestMessage::System(ChatCompletionRequestSystemMessage {
                content: "You are a helpful assistant.".into(),
                name: None,
            }),
            ChatCompletionRequestMessage::User(ChatCompletionRequestUserMessage {
                content: "Why is the sky blue?".into(),
                name: None,
            }),
        ],
        ..Default::default()
    }
}

async fn stream(client: &Client<OpenAIConfig>) -> Result<usize> {
    let mut events = client.chat().create_stream(make_request()).await?;
    let mut count = 0;

    while let Some(event) = events.next().await {
        let event = event?;
        let choice = event.choices.first();
        if choice.is_some_and(|choice| choice.delta.content.as_deref().is_some_and(|text| !text.is_empty())) {
            count += 1;
        }
    }

    Ok(count)
}

async fn streams(client: &Client<OpenAIConfig>, at_once: usize) -> Result<usize> {
    let counts = try_join_all((0..at_once).map(|_| stream(client))).await?;

    Ok(counts.into_iter().sum())
}

async fn complete_until_done(client: &Client<OpenAIConfig>, left: &Cell<usize>) -> Result<usize> {
    let mut count = 0;

    while left.get() > 0 {
        left.set(left.get() - 1);
        let completion = client.chat().create(make_request()).await?;
        let text = completion.choices[0].message.content.as_deref();
        count += usize::from(text == Some("Hello! How can I help you today?"));
    }

    Ok(count)
}

async fn completions(client: &Client<OpenAIConfig>, requests: usize, at_once: usize) -> Result<usize> {
    let left = Cell::new(requests);
    let counts = try_join_all((0..at_once).map(|_| complete_until_done(client, &left))).await?;

    Ok(counts.into_iter().sum())
}

async fn embeddings(client: &Client<OpenAIConfig>, rows: usize, format: &str) -> Result<usize> {
    let request = CreateEmbeddingRequest {
        model: "text-embedding-3-small".into(),
        input: EmbeddingInput::StringArray(vec!["x".into(); rows]),
        encoding_format: (format == "base64").then_some(EncodingFormat::Base64),
        ..Default::default()
    };

    if format == "base64" {
        let list = client.embeddings().create_base64(request).await?;
        let lengths = list.data.into_iter().map(|row| Vec::<f32>::from(row.embedding).len());
        return Ok(lengths.sum());
    }

    let list = client.embeddings().create(request).await?;
    Ok(list.data.iter().map(|row| row.embedding.len()).sum())
}

async fn upload(client: &Client<OpenAIConfig>, path: &str) -> Result<String> {
    let request = CreateFileRequest { file: path.into(), purpose: FilePurpose::UserData, expires_after: None };

    Ok(client.files().create(request).await?.id)
}

async fn download(client: &Client<OpenAIConfig>, path: &str) -> Result<u64> {
    tokio::fs::write(path, client.files().content("file-abc123").await?).await?;

    Ok(tokio::fs::metadata(path).await?.len())
}

async fn run(arguments: &[&str]) -> Result<String> {
    let base_url = arguments.get(1).copied().unwrap_or("http://127.0.0.1:1/v1");
    let client = Client::with_config(OpenAIConfig::new().with_api_key("sk-test").with_api_base(base_url));

    Ok(match arguments {
        ["ready"] if !make_request().messages.is_empty() => "ready".into(),
        ["stream", _] => stream(&client).await?.to_string(),
        ["streams", _, at_once] => streams(&client, at_once.parse()?).await?.to_string(),
        ["completions", _, requests, at_once] => {
            completions(&client, requests.parse()?, at_once.parse()?).await?.to_string()
        }
        ["embeddings", _, rows, format] => embeddings(&client, rows.parse()?, format).await?.to_string(),
        ["upload", _, path] => upload(&client, path).await?,
        ["download", _, path] => download(&client, path).await?.to_string(),
        _ => return Err("usage: peer COMMAND BASE-URL [ARGUMENT…]".into()),
    })
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;

    println!("{}", runtime.block_on(run(&arguments))?);

    Ok(())
}
