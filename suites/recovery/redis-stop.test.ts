import { keepsWorking, stopChecks } from '../support/stop-checks.ts';

stopChecks('redis', { keeps_working: keepsWorking });
