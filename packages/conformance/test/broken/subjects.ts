import { type BrokenSwarm, onPublish, onSubscribe } from './tamper.ts';

export const brokenSubjects: readonly BrokenSwarm[] = [
  {
    what: 'hears what goes to anything below a subject',
    breaks: ['SUBJECT-1'],
    tamper: () => {
      return onPublish((link) => (subject, payload, token) => {
        link.publish(subject, payload, token);
        const parent = subject.slice(0, Math.max(0, subject.lastIndexOf('.')));
        if (parent !== '') link.publish(parent, payload, 0);
      });
    },
  },
  {
    what: 'knows no capital letters',
    breaks: ['SUBJECT-1', 'SUBJECT-2'],
    tamper: () => {
      return {
        link: (link) => ({
          subscribe: (subjects) => link.subscribe(subjects.map((text) => text.toLowerCase())),
          unsubscribe: (subjects) => link.unsubscribe(subjects.map((text) => text.toLowerCase())),
          publish: (subject, payload, token) => {
            link.publish(subject.toLowerCase(), payload, token);
          },
        }),
      };
    },
  },
  {
    what: 'cuts subjects off at 255 characters',
    breaks: ['SUBJECT-2'],
    tamper: () => {
      return {
        link: (link) => ({
          subscribe: (subjects) => link.subscribe(subjects.map((text) => text.slice(0, 255))),
          publish: (subject, payload, token) => {
            link.publish(subject.slice(0, 255), payload, token);
          },
        }),
      };
    },
  },
  {
    what: 'refuses subjects of more than 255 characters',
    breaks: ['SUBJECT-2'],
    tamper: () => {
      return onSubscribe((link) => async (subjects) => {
        if (subjects.some(({ length }) => length > 255)) throw new Error('SYNTAX_ERROR');
        await link.subscribe(subjects);
      });
    },
  },
];
