# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions for the tests of the installed packages.

# write_sample LANGUAGE FILE: the first program of README.md in a language.
write_sample ()
{
  sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" README.md | awk '/^```/ { blocks++; next } blocks == 1' > "$2"
  [ -s "$2" ]
}

# expect_reply COMMAND...: the command prints the reply of the mock service.
expect_reply ()
{
  oai-mock-server --lifetime 120 > "$work/url" &
  mock=$!
  tries=0
  while [ ! -s "$work/url" ] && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done

  OPENAI_BASE_URL=$(cat "$work/url")
  OPENAI_API_KEY=sk-test
  export OPENAI_BASE_URL OPENAI_API_KEY
  status=0
  "$@" > "$work/output" || status=$?
  kill "$mock"
  cat "$work/output"
  [ $status -eq 0 ] && [ "$(cat "$work/output")" = "You said: Hello!" ]
}

work=${AUTOPKGTEST_TMP:-$(mktemp -d)}
