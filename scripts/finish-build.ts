import { finishBuild } from './build-output.ts';

finishBuild(process.cwd());
