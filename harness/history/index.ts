export { ANOMALIES, type Anomaly, type AnomalyName, type Witness as HistoryWitness } from './anomaly.ts';
export { checkHistory, type Judgement } from './check.ts';
export type {
  BankAction,
  CounterAction,
  History,
  ListAction,
  ListPart,
  OperationOutcome,
  Recorded,
  RegisterAction,
  SetAction,
  Value,
} from './history.ts';
export { checkInWorker } from './in-worker.ts';
export { HistoryRecorder, type Seen } from './recorder.ts';
