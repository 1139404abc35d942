import type { Peer } from '../ws/peer.ts';
import { answerFrame, type RpcAnswer, type RpcId } from './json-rpc.ts';

/** Where the answer to a request goes: to be called when the request arrives, used when the answer is there. */
export type ReplyRouter = (peer: Pick<Peer, 'send'>, id: RpcId) => (answer: RpcAnswer) => void;

/** Every answer goes to the connection that asked, under the id it asked with. */
export const replyToSender: ReplyRouter = (peer, id) => (answer) => peer.send(answerFrame(id, answer));
