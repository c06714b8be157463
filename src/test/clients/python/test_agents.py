"""OpenAI's Agents SDK against the server in BASE_URL: its default model asks the Responses API."""

import base64
import os
import pathlib
import unittest
from typing import Any

# The model of agents that name none.
os.environ["OPENAI_DEFAULT_MODEL"] = "describe_anything_model"

import agents
import openai
from openai.types.responses import ResponseTextDeltaEvent

BASE_URL = os.environ["BASE_URL"]
PICTURE = base64.b64encode(pathlib.Path(os.environ["PICTURE"]).read_bytes()).decode()
URL = f"data:image/png;base64,{PICTURE}"

# The SDK takes a limit that was reached for an error, so a stop string ends the answers.
STOP = {"stop": ["s", "e"]}
SETTINGS = agents.ModelSettings(temperature=0, extra_body=STOP)


def asked(question: str = "What is it?") -> list[Any]:
    return [
        {
            "role": "user",
            "content": [
                {"type": "input_image", "image_url": URL, "detail": "auto"},
                {"type": "input_text", "text": question},
            ],
        }
    ]


@agents.function_tool
def clock() -> str:
    """The time."""
    return "noon"


class Agents(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        agents.set_tracing_disabled(True)
        self.client = openai.AsyncOpenAI(base_url=BASE_URL, api_key="none", max_retries=0)
        agents.set_default_openai_client(self.client)

    async def asyncTearDown(self):
        await self.client.close()

    def agent(self, **fields):
        return agents.Agent(name="describer", instructions="Describe.", model_settings=SETTINGS, **fields)

    async def chat(self):
        content: Any = [{"type": "image_url", "image_url": {"url": URL}}, {"type": "text", "text": "What is it?"}]
        answer = await self.client.chat.completions.create(
            model="describe_anything_model",
            messages=[{"role": "user", "content": content}],
            temperature=0,
            extra_body=STOP,
        )
        return answer.choices[0].message.content

    async def test_an_agent_answers_what_a_chat_completion_says(self):
        result = await agents.Runner.run(self.agent(), asked())
        self.assertEqual(result.final_output, await self.chat())
        self.assertTrue(result.final_output)
        self.assertGreater(result.raw_responses[0].usage.output_tokens, 0)

    async def test_tools_are_offered_and_the_answer_is_text(self):
        result = await agents.Runner.run(self.agent(tools=[clock]), asked())
        self.assertEqual(result.final_output, await self.chat())

    async def test_the_next_turn_asks_about_the_same_picture(self):
        first = await agents.Runner.run(self.agent(), asked())
        question: Any = {"role": "user", "content": "What colour?"}
        second = await agents.Runner.run(self.agent(), [*first.to_input_list(), question])
        alone = await agents.Runner.run(self.agent(), asked("What colour?"))
        self.assertEqual(second.final_output, alone.final_output)

    async def test_a_streamed_run_is_the_whole_one(self):
        result = agents.Runner.run_streamed(self.agent(), asked())
        text = ""
        async for event in result.stream_events():
            if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent):
                text += event.data.delta
        self.assertEqual(text, await self.chat())
        self.assertEqual(result.final_output, text)


if __name__ == "__main__":
    unittest.main()
