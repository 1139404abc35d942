export { RENDERERS, renderAll, type Renderer, type ReportFormat } from './renderers.ts';
export { reportJsonSchema, runRecordSchema } from './report-schema.ts';
export { createProgress, type Progress, type ProgressOptions } from './terminal/progress.ts';
export { renderMatrix, type MatrixOptions } from './terminal/matrix.ts';
export { writeReports, type WrittenReport } from './write.ts';
