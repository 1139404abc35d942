import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportJsonSchema } from '../reports/index.ts';
import { finishBuild } from './build-output.ts';

finishBuild(process.cwd());
writeFileSync(join(process.cwd(), 'dist/reports/report.schema.json'), `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
