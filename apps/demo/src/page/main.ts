import { connect } from '@swarm/ws';
import { demo } from '../contract.ts';
import { AskForm } from './ask.ts';
import { showConnection } from './connection.ts';
import { Incoming } from './incoming.ts';
import { FrameLog } from './log.ts';
import { showMistakes } from './mistakes.ts';
import { OwnNode } from './own-node.ts';
import { People } from './people.ts';
import { showPlace } from './place.ts';
import { startPulse } from './pulse.ts';
import { choosePath, openSession } from './session.ts';
import { Talk } from './talk.ts';
import { Trace } from './trace.ts';

const me = openSession();
const client = connect(`${await choosePath()}?name=${me}`, {
  contract: demo,
  backoffBaseMs: 500,
  backoffCapMs: 3_000,
});
const log = new FrameLog();
const trace = new Trace((entry) => log.add(entry));
const talk = new Talk();
const ask = new AskForm(client, trace, talk);
const people = new People(client, trace, { me, onPick: (id) => ask.pick(id) });

showConnection(client, me);
showPlace(client);
trace.watch(client);
new Incoming(client, talk);
new OwnNode(client, trace, people);
showMistakes(client, trace);
startPulse(client);
