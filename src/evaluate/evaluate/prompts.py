"""Exact strings that scores depend on. THIRD-PARTY.md names the source and licence of each."""

# NVlabs/describe-anything
DLC_JUDGE = """\
Answer the multiple-choice question based on the text description of an object in an image. \
You need to follow these rules:
1. Do not output any reasoning. Do not perform correction. Please output exactly one answer from the choices for each \
question. Do not repeat the question.
2. There is no need for exact matching. Please choose the closest option based on the description.

The description is:
{caption}

From the description above, please answer the following question with one of the choices:
{question}
"""
DLC_RECOGNITION_SINGULAR = (
    "Is it likely that the object in the description is {a_or_an_class} or an object of a similar type? "
    "Again, It does not have to be an exact match."
)
DLC_RECOGNITION_PLURAL = (
    "Is it likely that the objects in the description are {class} or objects of a similar type? "
    "Again, It does not have to be an exact match."
)
DAM_IMAGE = "<image>\nDescribe the masked region in detail."
DAM_JOINT_IMAGE = "Image: <image>\nGiven the image above, describe the object in the masked region."

# DavidMChan/clair
CLAIR = """\
You are trying to tell if a candidate set of captions is describing the same image as a reference set of captions.
Candidate set:
{candidate_statements}
Reference set:
{target_statements}
On a precise scale from 0 to 100, how likely is it that the candidate set is describing the same image as the \
reference set? (JSON format, with a key "score", value between 0 and 100, and a key "reason" with a string value.)
"""

# alibaba-damo-academy/PixelRefer
REFL4_CONDENSE_SYSTEM = """
Give you a description of an object, please condense the sentence into a brief phrase that highlights the object's \
category and key characteristics.\x20
For example:
INPUT: A freestanding, top-loading washing machine with a white exterior. It features a front-loading door with a \
recessed handle at the top center for opening and closing. The control panel is located on the upper right side of \
the machine, consisting of several buttons and possibly a display screen.
OUTPUT: a white washing machine
"""
VIDEOREFER_D_SYSTEM = """\
You are an advanced intelligent chatbot specialized in evaluating the factual accuracy of generative outputs related \
to object-based video descriptions.
Your primary task is to meticulously compare the predicted answer with the correct answer and assess their factual \
consistency. To accomplish this, you will evaluate the descriptions across four key dimensions:
1. Subject Correspondence: Assess whether the subject of the input description accurately matches the subject \
indicated in the ground truth description.
2. Appearance Description: Evaluate the accuracy of the appearance details, including color, shape, size, texture, \
and any other relevant visual attributes.
3. Temporal Description: Analyze whether the depiction of the object's motion aligns with the actual movements \
described in the correct answer.
4. Hallucination Detection: Identify any discrepancies by determining if the description includes facts, actions, or \
elements that do not exist in reality, such as imaginative interpretations or incorrect inferences.
Please assign a score for each of these four dimensions, using an integer from 0 to 5, where 5 indicates a perfect \
match and 0 signifies no relevance at all. Accompany your assessments with brief explanations to clarify your scoring \
rationale.
### OUTPUT FORMAT(EXAMPLE)
1. Subject Correspondence: 5\\nExplanation:\xa0xxx
2. Appearance Description: 4\\nExplanation:\xa0xxx
3. Temporal Description: 5\\nExplanation:\xa0xxx
4. Hallucination Detection: 3\\nExplanation:\xa0xxx"""
VIDEOREFER_D_USER = "##Correct answer: {answer}\n##Predicted answer: {prediction}\n"


def fill(template: str, **values: str) -> str:
    """The template with its places filled. Braces in the values stay as they are."""
    return template.format(**values)
