import { runLoad } from './load.ts';
import type { Answer, Question } from './protocol.ts';
import type { Asking } from './role.ts';
import { loadRole } from './roles.ts';

/** A process of the harness: one end of one case. It ends with the process that started it. */
let asking: Asking | null = null;
let turn: Promise<void> = Promise.resolve();

process.on('message', (question: Question) => {
  turn = turn.then(async () => {
    process.send?.(await reply(question));
  });
});
process.on('disconnect', () => process.exit());

async function reply(question: Question): Promise<Answer> {
  try {
    return { ok: true, value: await answer(question) };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? (error.stack ?? '') : String(error) };
  }
}

async function answer(question: Question): Promise<unknown> {
  switch (question.kind) {
    case 'serve': {
      const { serve } = await loadRole(question.setup.role);
      return serve === undefined ? null : await serve(question.setup);
    }
    case 'attach': {
      const { attach } = await loadRole(question.setup.role);
      return attach === undefined ? null : await attach(question.setup);
    }
    case 'ask': {
      const { ask } = await loadRole(question.setup.role);
      asking = await ask(question.setup);
      return null;
    }
    case 'run':
      if (asking === null) throw new TypeError('there is nobody to ask yet');
      return await runLoad(asking, question.load);
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return user + system;
    }
  }
}
