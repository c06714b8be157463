"""The OpenAI client for Python against the Responses API of the server in BASE_URL."""

import asyncio
import base64
import os
import pathlib
import unittest
from typing import Any

import openai

BASE_URL = os.environ["BASE_URL"]
MODEL = "describe_anything_model"
PICTURE = base64.b64encode(pathlib.Path(os.environ["PICTURE"]).read_bytes()).decode()
URL = f"data:image/png;base64,{PICTURE}"


def asked(question: str = "What is it?") -> dict[str, Any]:
    return {
        "role": "user",
        "content": [
            {"type": "input_image", "image_url": URL, "detail": "auto"},
            {"type": "input_text", "text": question},
        ],
    }


REQUEST: dict[str, Any] = {"model": MODEL, "input": [asked()], "temperature": 0, "max_output_tokens": 16}


class Responses(unittest.TestCase):
    client: openai.OpenAI

    @classmethod
    def setUpClass(cls):
        cls.client = openai.OpenAI(base_url=BASE_URL, api_key="none", max_retries=0)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()

    def ask(self, **fields):
        return self.client.responses.create(**(REQUEST | fields))

    def chat(self):
        content: Any = [{"type": "image_url", "image_url": {"url": URL}}, {"type": "text", "text": "What is it?"}]
        answer = self.client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": content}], temperature=0, max_completion_tokens=16
        )
        return answer.choices[0].message.content

    def test_a_whole_response_says_what_a_chat_completion_says(self):
        response = self.ask()
        self.assertEqual(response.output_text, self.chat())
        self.assertEqual((response.status, response.incomplete_details.reason), ("incomplete", "max_output_tokens"))
        self.assertEqual(response.usage.output_tokens, 16)
        self.assertEqual(response.usage.total_tokens, response.usage.input_tokens + 16)

    def test_events_have_the_type_that_the_client_knows_them_by(self):
        events = list(self.ask(stream=True))
        self.assertEqual([it.sequence_number for it in events], list(range(len(events))))
        self.assertEqual("".join(it.delta for it in events if it.type == "response.output_text.delta"), self.chat())
        for event in events:
            # The client does not check what it is sent; this does.
            type(event).model_validate(event.to_dict(), strict=False)
        self.assertIsInstance(events[-1], openai.types.responses.ResponseIncompleteEvent)

    def test_the_stream_helper_puts_the_events_together_again(self):
        # It takes a limit that was reached for an error, so a stop string ends the answer.
        whole = self.chat()
        stop = whole[len(whole) // 2 :][:3]
        with self.client.responses.stream(**REQUEST, extra_body={"stop": stop}) as stream:
            snapshots = [it.snapshot for it in stream if it.type == "response.output_text.delta"]
            final = stream.get_final_response()
        self.assertEqual(final.output_text, whole[: whole.index(stop)].strip())
        self.assertEqual(snapshots[-1], final.output_text)
        self.assertEqual(final.status, "completed")

    def test_parameters_that_do_not_change_the_answer_are_accepted_and_come_back(self):
        function: Any = {"type": "function", "name": "clock", "parameters": {"type": "object"}, "strict": True}
        response = self.ask(
            include=["reasoning.encrypted_content", "message.output_text.logprobs"],
            instructions="Be brief.",
            max_tool_calls=1,
            metadata={"a": "b"},
            parallel_tool_calls=False,
            prompt_cache_key="x",
            reasoning={"effort": "low"},
            safety_identifier="y",
            service_tier="auto",
            store=True,
            text={"format": {"type": "text"}, "verbosity": "low"},
            tool_choice="auto",
            tools=[function],
            top_logprobs=1,
            truncation="auto",
            user="z",
        )
        self.assertEqual(response.output_text, self.chat())
        self.assertEqual(response.instructions, "Be brief.")
        self.assertEqual(response.metadata, {"a": "b"})
        self.assertEqual(response.tools[0].name, "clock")
        self.assertEqual((response.text.verbosity, response.reasoning.effort), ("low", "low"))
        self.assertEqual((response.parallel_tool_calls, response.truncation, response.user), (False, "auto", "z"))
        self.assertEqual((response.temperature, response.max_output_tokens, response.top_logprobs), (0, 16, 1))
        self.assertEqual("".join(it.token for it in response.output[0].content[0].logprobs), response.output_text)

    def test_what_a_response_returned_goes_back_as_history(self):
        first = self.ask()
        second = self.ask(input=[asked(), *first.output, {"role": "user", "content": "What colour?"}])
        self.assertEqual(second.output_text, self.ask(input=[asked("What colour?")]).output_text)

    def test_errors_have_their_class_code_and_param(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.ask(temperature=3)
        self.assertEqual((caught.exception.code, caught.exception.param), ("invalid_value", "temperature"))
        with self.assertRaises(openai.BadRequestError) as caught:
            self.ask(input="What is a cat?")
        self.assertEqual((caught.exception.code, caught.exception.param), ("missing_image", "input"))
        with self.assertRaises(openai.NotFoundError):
            self.ask(model="gpt-4o", stream=True)

    def test_what_would_have_to_be_stored_is_refused(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.ask(previous_response_id="resp_1")
        self.assertEqual(caught.exception.param, "previous_response_id")
        for missing in (
            lambda: self.client.responses.retrieve("resp_1"),
            lambda: self.client.responses.delete("resp_1"),
            lambda: self.client.responses.cancel("resp_1"),
            lambda: self.client.responses.input_items.list("resp_1"),
        ):
            with self.assertRaises(openai.NotFoundError) as gone:
                missing()
            self.assertEqual(gone.exception.code, "response_not_found")

    def test_the_asynchronous_client(self):
        async def ask():
            async with openai.AsyncOpenAI(base_url=BASE_URL, api_key="none", max_retries=0) as client:
                return await asyncio.gather(*(client.responses.create(**REQUEST) for _ in range(4)))

        self.assertEqual({it.output_text for it in asyncio.run(ask())}, {self.chat()})


if __name__ == "__main__":
    unittest.main()
