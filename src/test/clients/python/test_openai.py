"""Tests the server at BASE_URL with OpenAI's Python client."""

import asyncio
import base64
import os
import pathlib
import re
import time
import unittest
import urllib.parse
import urllib.request
from typing import Any

import openai

BASE_URL = os.environ["BASE_URL"]
MODEL = "describe_anything_model"
PICTURE = base64.b64encode(pathlib.Path(os.environ["PICTURE"]).read_bytes()).decode()
CONTENT = [
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}},
    {"type": "text", "text": "What is it?"},
]
REQUEST: dict[str, Any] = {
    "model": MODEL,
    "messages": [{"role": "user", "content": CONTENT}],
    "temperature": 0,
    "max_completion_tokens": 16,
}
ENDLESS = REQUEST | {"max_completion_tokens": 2000, "extra_body": {"ignore_eos": True}}


def idle():
    """Waits until no request is running or waiting. Returns False after 20 seconds."""
    start = time.monotonic()
    while time.monotonic() - start < 20:
        with urllib.request.urlopen(urllib.parse.urljoin(BASE_URL, "/metrics")) as page:
            text = page.read().decode()
        busy = re.findall(r"^dam_requests_(?:running|waiting)\{.*\} (\S+)$", text, re.MULTILINE)
        if [float(it) for it in busy] == [0, 0]:
            return True
    return False


class OpenAi(unittest.TestCase):
    client: openai.OpenAI

    @classmethod
    def setUpClass(cls):
        cls.client = openai.OpenAI(base_url=BASE_URL, api_key="none", max_retries=0)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()

    def ask(self, **fields):
        return self.client.chat.completions.create(**(REQUEST | fields))

    def test_whole_answers(self):
        answer = self.ask()
        self.assertTrue(answer.choices[0].message.content)
        self.assertEqual(answer.choices[0].finish_reason, "length")
        self.assertEqual(answer.usage.completion_tokens, 16)
        self.assertIsInstance(answer.created, int)

    def test_a_streamed_answer_equals_the_whole_one_with_usage_last(self):
        chunks = list(self.ask(stream=True, stream_options={"include_usage": True}))
        text = "".join(it.choices[0].delta.content or "" for it in chunks if it.choices)
        self.assertEqual(text, self.ask().choices[0].message.content)
        self.assertEqual(chunks[-1].usage.completion_tokens, 16)

    def test_the_stream_helper_joins_chunks_to_the_whole_answer(self):
        # The helper raises if the limit is reached, so a stop string ends the answer.
        whole = self.ask().choices[0].message.content
        stop = whole[len(whole) // 2 :][:3]
        with self.client.chat.completions.stream(**REQUEST, stop=stop) as stream:
            final = stream.get_final_completion()
        self.assertEqual(final.choices[0].message.content, whole[: whole.index(stop)].strip())

    def test_fields_that_openai_does_not_have(self):
        answer = self.ask(temperature=1.5, extra_body={"top_k": 1, "min_p": 0.1, "repetition_penalty": 1.0})
        self.assertEqual(answer.choices[0].message.content, self.ask().choices[0].message.content)

    def test_fields_that_do_not_change_the_answer_are_accepted(self):
        function = {"name": "clock", "description": "the time", "parameters": {"type": "object"}, "strict": True}
        answer = self.ask(
            audio={"format": "wav", "voice": "alloy"},
            frequency_penalty=0,
            function_call="none",
            functions=[{"name": "clock"}],
            logprobs=True,
            metadata={"a": "b"},
            modalities=["text"],
            n=1,
            parallel_tool_calls=True,
            prediction={"type": "content", "content": "string"},
            prompt_cache_key="x",
            reasoning_effort="low",
            response_format={"type": "text"},
            safety_identifier="x",
            seed=-9007199254740991,
            service_tier="auto",
            store=True,
            tool_choice="none",
            tools=[{"type": "function", "function": function}],
            top_logprobs=0,
            top_p=1,
            user="me",
            verbosity="low",
            web_search_options={
                "search_context_size": "low",
                "user_location": {"type": "approximate", "approximate": {"city": "city"}},
            },
        )
        self.assertEqual(answer.choices[0].message.content, self.ask().choices[0].message.content)
        self.assertEqual(
            "".join(it.token for it in answer.choices[0].logprobs.content), answer.choices[0].message.content
        )

    def test_errors_have_class_code_and_param(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.ask(temperature=3)
        self.assertEqual((caught.exception.code, caught.exception.param), ("invalid_value", "temperature"))
        self.assertTrue(caught.exception.request_id)
        with self.assertRaises(openai.NotFoundError):
            self.ask(model="gpt-4o", stream=True)
        with self.assertRaises(openai.NotFoundError):
            self.client.models.retrieve("gpt-4o")

    def test_closing_a_stream_releases_its_slot(self):
        with self.client.chat.completions.create(**ENDLESS, stream=True) as stream:
            next(iter(stream))
        self.assertTrue(idle())

    def test_a_timeout_releases_the_slot(self):
        with self.assertRaises(openai.APITimeoutError):
            self.client.with_options(timeout=0.2).chat.completions.create(**ENDLESS)
        self.assertTrue(idle())

    def test_the_async_client(self):
        async def ask():
            async with openai.AsyncOpenAI(base_url=BASE_URL, api_key="none", max_retries=0) as client:
                return await asyncio.gather(*(client.chat.completions.create(**REQUEST) for _ in range(4)))

        texts = {it.choices[0].message.content for it in asyncio.run(ask())}
        self.assertEqual(texts, {self.ask().choices[0].message.content})

    def test_lists_models(self):
        self.assertIn(MODEL, [it.id for it in self.client.models.list()])
        self.assertEqual(self.client.models.retrieve(MODEL).id, MODEL)


if __name__ == "__main__":
    unittest.main()
