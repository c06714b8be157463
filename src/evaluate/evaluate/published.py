"""Published scores, to print beside ours. The paper is arXiv 2504.16072, in its ICCV text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`judge` is empty where no model judges. A value is None where none was published."""

    label: str
    judge: str
    values: dict[str, float | None]


def _row(label: str, judge: str, names: str, *values: float | None) -> Row:
    return Row(label, judge, dict(zip(names.split(), values, strict=True)))


LLAMA = "Llama-3.1-8B-Instruct"
_DLC = "pos neg avg"
DLC = (
    _row("DAM-3B, paper", LLAMA, _DLC, 0.523, 0.822, 0.673),
    _row("DAM-3B with prompt augmentation, paper", LLAMA, _DLC, 0.513, 0.822, 0.667),
    _row("DAM-3B, images and video, paper", LLAMA, _DLC, 0.524, 0.854, 0.689),
    _row("public DAM-3B, published answers", LLAMA, _DLC, 0.510, 0.830, 0.670),
    _row("public DAM-3B-Video, published answers", LLAMA, _DLC, 0.568, 0.848, 0.708),
    _row("GAR-1B, published answers", LLAMA, _DLC, 0.489, 0.870, 0.679),
    _row("GAR-8B, published answers", LLAMA, _DLC, 0.502, 0.846, 0.674),
    _row("o1, paper", LLAMA, _DLC, 0.463, 0.788, 0.625),
    _row("GPT-4o, paper", LLAMA, _DLC, 0.434, 0.796, 0.615),
)

_KEYWORDS = "Sim SIoU"
KEYWORDS = {
    "lvis": (
        _row("DAM-8B, paper", "", _KEYWORDS, 89.0, 77.7),
        _row("VP-LLaVA-8B, paper", "", _KEYWORDS, 86.7, 61.5),
        _row("Osprey-7B, paper", "", _KEYWORDS, 65.2, 38.2),
        _row("PAM-3B, PixelRefer paper", "", _KEYWORDS, 88.6, 78.3),
        _row("PixelRefer-7B, its paper", "", _KEYWORDS, 90.5, 82.7),
    ),
    "paco": (
        _row("DAM-8B, paper", "", _KEYWORDS, 84.2, 73.2),
        _row("VP-LLaVA-8B, paper", "", _KEYWORDS, 75.7, 50.0),
        _row("Osprey-7B, paper", "", _KEYWORDS, 73.1, 52.7),
        _row("PAM-3B, PixelRefer paper", "", _KEYWORDS, 87.4, 74.9),
        _row("PixelRefer-7B, its paper", "", _KEYWORDS, 91.7, 85.3),
    ),
}

_FIVE = "BLEU METEOR ROUGE_L CIDEr SPICE"
CAPTIONS = {
    "flickr30k": (
        _row("DAM-8B, paper", "", _FIVE, 22.6, 17.8, 31.2, 74.7, 25.5),
        _row("Shikra-7B, paper", "", _FIVE, 18.2, 15.3, 25.2, 49.8, 22.0),
        _row("GPT4RoI-7B, paper", "", _FIVE, 19.7, 17.7, 29.9, 61.7, 24.0),
    ),
    "ref-l4": (
        _row("DAM-8B, paper", "GPT-4o-mini", f"{_FIVE} CLAIR", 38.7, 19.4, 37.1, 70.0, 16.9, 57.9),
        _row("Shikra-7B, paper", "GPT-4o-mini", f"{_FIVE} CLAIR", 29.5, 11.1, 23.9, 42.7, 9.0, 34.5),
        _row("GPT4RoI-7B, paper", "GPT-4o-mini", f"{_FIVE} CLAIR", 27.1, 11.6, 26.8, 59.9, 11.1, 43.9),
        _row("DAM-3B, PixelRefer paper", "", "METEOR CIDEr", 17.2, 56.4),
    ),
    "hc-stvg": (
        _row("DAM-8B, paper", "", _FIVE, 19.8, 21.0, 45.9, 91.0, 31.4),
        _row("DAM-3B, PixelRefer paper", "", "METEOR CIDEr", 18.2, 72.7),
    ),
}

VIDEOREFER = (
    _row("DAM-8B zero-shot, paper", "GPT-4o", "SC AD TD HD avg", 4.45, 3.30, 3.03, 2.58, 3.34),
    _row("DAM-8B in-domain, paper", "GPT-4o", "SC AD TD HD avg", 4.69, 3.61, 3.34, 3.09, 3.68),
    _row("DAM-3B, PixelRefer paper", "GPT-4o", "SC AD TD HD avg", 3.62, 2.86, 2.81, 2.67, 2.99),
)
