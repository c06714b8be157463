"""The published prompts, verbatim; knows no tokens and no tensors."""

from __future__ import annotations

from typing import Any

PLACEHOLDER = "<image>"
TEMPLATE = (
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n"
    "<|im_start|>assistant\n"
)
TASKS = {
    "caption": {
        "en": "Provide a concise caption for this subject.",
        "zh": "对该目标对象提供一个概括的描述",
    },
    "detailed_caption": {
        "en": "Provide a comprehensive and detailed description for this subject.",
        "zh": "对该目标对象提供一个全面且详细的描述",
    },
    "label": {
        "en": "Classify this subject and provide its label.",
        "zh": "对该目标对象进行分类并提供标签",
    },
    "definition": {
        "en": "Classify this subject and provide the label and its definition.",
        "zh": "对该目标对象进行分类并提供标签和名词功能解释",
    },
}
CLIP_TASKS = {
    "caption": {
        "en": "Provide a caption for this subject in this video.\nPrevious caption: {history}",
        "zh": "对该视频中的目标对象提供一个描述。\n历史描述：{history}",
    }
}
NO_HISTORY = {"en": "None", "zh": "无"}


def manifest_prompts() -> dict[str, Any]:
    """The manifest's ``prompts``."""
    return {
        "template": TEMPLATE,
        "placeholder": PLACEHOLDER,
        "image": {"prefix": f"{PLACEHOLDER}\n", "default_question": TASKS["detailed_caption"]["en"], "tasks": TASKS},
        "video": {
            "prefix": f"{PLACEHOLDER}\n",
            "default_question": CLIP_TASKS["caption"]["en"].replace("{history}", NO_HISTORY["en"]),
            "tasks": CLIP_TASKS,
            "no_history": NO_HISTORY,
        },
    }


def prompt_pieces(question: str) -> tuple[str, str]:
    """The text before a picture and after it, to be encoded separately."""
    before, after = TEMPLATE.replace("{user}", f"{PLACEHOLDER}\n{question}").split(PLACEHOLDER)
    return before, after
