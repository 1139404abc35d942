import { stopChecks } from '../support/stop-checks.ts';

stopChecks('postgres');
