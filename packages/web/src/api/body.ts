/** The bytes of an answer as they come. (Not every browser's streams can be iterated by themselves.) */
export async function* bodyOf(answer: Response): AsyncGenerator<Uint8Array> {
  if (!answer.body) return;
  const reader = answer.body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    reader.cancel().catch(() => undefined); // of an answer that was cut off nothing is left to cancel
  }
}
