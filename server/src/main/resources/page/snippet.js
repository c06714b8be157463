/** A request as a program: curl, openai-python or openai-node. */
const placeholder = (i) => `@@picture${i}@@`;

/** @param request as sent, pictures included  @param base such as http://localhost:8000/v1/  @param locked whether a key is needed */
export function snippet(language, request, base, locked) {
  return { curl, python, node }[language](request, base.replace(/\/$/, ""), locked);
}

function curl(request, base, locked) {
  const key = locked ? ` \\\n  -H "Authorization: Bearer $OPENAI_API_KEY"` : "";
  // From standard input, because a picture does not fit on a command line.
  return `curl -sS ${base}/chat/completions${key} \\\n  -H "Content-Type: application/json" -d @- <<'END'\n${JSON.stringify(request)}\nEND\n`;
}

function python(request, base, locked) {
  // Fields that OpenAI's API lacks.
  const { tasks, regions, orientation, ...rest } = request,
    { pictures, fields } = split({ ...rest, extra_body: { tasks, regions, orientation } }, (k) => `    ${k}=`);
  return `${locked ? "import os\n\n" : ""}from openai import OpenAI

client = OpenAI(base_url="${base}", api_key=${locked ? 'os.environ["OPENAI_API_KEY"]' : '"none"'})
${pictures.map((url, i) => `picture${i} = "${url}"`).join("\n")}
answer = client.chat.completions.create(
${fields},
)
${
  tasks?.length > 1
    ? "for choice in answer.choices:\n    print(choice.task, choice.message.content)"
    : "print(answer.choices[0].message.content)"
}
`;
}

function node(request, base, locked) {
  const { pictures, fields } = split(request, (k) => `  ${k}: `);
  return `// describe.mjs
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${base}", apiKey: ${locked ? "process.env.OPENAI_API_KEY" : '"none"'} });
${pictures.map((url, i) => `const picture${i} = "${url}";`).join("\n")}
const answer = await client.chat.completions.create({
${fields},
});
${
  request.tasks?.length > 1
    ? "for (const choice of answer.choices) console.log(choice.task, choice.message.content);"
    : "console.log(answer.choices[0].message.content);"
}
`;
}

/** Moves pictures into variables to keep the rest readable. Strings and numbers look the same in both languages. */
function split(request, line) {
  const pictures = [];
  const named = JSON.stringify(request, (key, value) => {
    if (key !== "url") return value;
    return placeholder(pictures.push(value) - 1);
  });
  const fields = Object.entries(JSON.parse(named))
    .map(
      ([key, value]) =>
        line(key) +
        JSON.stringify(value, null, 1)
          .replace(/\n\s*/g, " ")
          .replace(/"@@(picture\d+)@@"/g, "$1"),
    )
    .join(",\n");
  return { pictures, fields };
}
