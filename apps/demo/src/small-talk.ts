/** A number from 0 to 1, the latter excluded. */
export type Random = () => number;

export const QUESTIONS: readonly string[] = [
  'Tea or coffee?',
  'Is it raining where you are?',
  'What are you working on?',
  'Did you see the sunrise?',
  'Which book should I read next?',
  'How is your connection today?',
  'Mountains or the sea?',
  'What is for lunch?',
];

const ANSWERS: readonly string[] = [
  'Gladly. And you?',
  'A little of both, I think.',
  'Yes, and it was worth it.',
  'Not today, but ask me tomorrow.',
  'The second one, without a doubt.',
  'All is well at my end.',
];

export function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list[Math.floor(random() * list.length)];
}

/** Something friendly, whatever was asked. */
export function answerTo(question: string, from: string, random: Random): string {
  if (/^(hi|hello|hey)\b/i.test(question)) return `Hello ${from}, good to see you here.`;
  return `${pick(ANSWERS, random) ?? 'Yes.'} Thanks for asking, ${from}.`;
}
