// SPDX-License-Identifier: LGPL-2.1-or-later

// What client.c does, with openai-go. Prints the same.
//
// usage: peer COMMAND BASE-URL [ARGUMENT…]
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

var ctx = context.Background()

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	check(err)
	return n
}

func makeRequest() openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model: openai.ChatModelGPT4oMini,
		Messages: []openai.ChatCompletionMessageParamUnion{
			openai.SystemMessage("You are a helpful assistant."),
			openai.UserMessage("Why is the sky blue?"),
		},
	}
}

func stream(client *openai.Client) int64 {
	events := client.Chat.Completions.NewStreaming(ctx, makeRequest())
	count := int64(0)
	for events.Next() {
		event := events.Current()
		if len(event.Choices) > 0 && event.Choices[0].Delta.Content != "" {
			count++
		}
	}
	check(events.Err())
	return count
}

func atOnce(n int64, work func() int64) int64 {
	var count atomic.Int64
	var group sync.WaitGroup
	for range n {
		group.Go(func() { count.Add(work()) })
	}
	group.Wait()
	return count.Load()
}

func completions(client *openai.Client, requests int64, workers int64) int64 {
	var left atomic.Int64
	left.Store(requests)
	return atOnce(workers, func() int64 {
		count := int64(0)
		for left.Add(-1) >= 0 {
			completion, err := client.Chat.Completions.New(ctx, makeRequest())
			check(err)
			if completion.Choices[0].Message.Content == "Hello! How can I help you today?" {
				count++
			}
		}
		return count
	})
}

// The package has no type for embeddings as base64: their text is decoded here.
func countNumbers(row openai.Embedding, format string) int {
	if format == "float" {
		return len(row.Embedding)
	}
	var text string
	check(json.Unmarshal([]byte(row.JSON.Embedding.Raw()), &text))
	data, err := base64.StdEncoding.DecodeString(text)
	check(err)
	return len(data) / 4
}

func embeddings(client *openai.Client, rows int64, format string) int {
	texts := make([]string, rows)
	for i := range texts {
		texts[i] = "x"
	}
	list, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{
		Model:          openai.EmbeddingModelTextEmbedding3Small,
		Input:          openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: texts},
		EncodingFormat: openai.EmbeddingNewParamsEncodingFormat(format),
	})
	check(err)
	count := 0
	for _, row := range list.Data {
		count += countNumbers(row, format)
	}
	return count
}

func upload(client *openai.Client, path string) string {
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	record, err := client.Files.New(ctx, openai.FileNewParams{File: file, Purpose: openai.FilePurposeUserData})
	check(err)
	return record.ID
}

func download(client *openai.Client, path string) int64 {
	response, err := client.Files.Content(ctx, "file-abc123")
	check(err)
	defer response.Body.Close()
	file, err := os.Create(path)
	check(err)
	size, err := io.Copy(file, response.Body)
	check(err)
	check(file.Close())
	return size
}

func main() {
	arguments := append(os.Args[1:], "", "", "", "")
	command, url, first, second := arguments[0], arguments[1], arguments[2], arguments[3]
	if command == "ready" {
		url = "http://127.0.0.1:1/v1"
	}
	client := openai.NewClient(option.WithAPIKey("sk-test"), option.WithBaseURL(url))

	switch command {
	case "ready":
		if len(makeRequest().Messages) > 0 {
			fmt.Println("ready")
		}
	case "stream":
		fmt.Println(stream(&client))
	case "streams":
		fmt.Println(atOnce(number(first), func() int64 { return stream(&client) }))
	case "completions":
		fmt.Println(completions(&client, number(first), number(second)))
	case "embeddings":
		fmt.Println(embeddings(&client, number(first), second))
	case "upload":
		fmt.Println(upload(&client, first))
	case "download":
		fmt.Println(download(&client, first))
	default:
		fmt.Fprintln(os.Stderr, "usage: peer COMMAND BASE-URL [ARGUMENT…]")
		os.Exit(2)
	}
}
