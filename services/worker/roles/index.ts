import type { JsonClient } from '../../shared/call-json.ts';
import type { Role } from '../role.ts';
import { aiMl } from './ai-ml.ts';
import { DATA_QUALITY } from './data-quality.ts';
import { ENTITY_MATCHING } from './entity-matching.ts';
import { FLORIDA_DATA } from './florida-data.ts';
import { PERFORMANCE } from './performance.ts';
import { SUNBIZ } from './sunbiz.ts';

/** What the program does under each value of ROLE. */
export const ROLES: Readonly<Record<string, (meter: JsonClient) => Role>> = {
  florida_data: () => FLORIDA_DATA,
  data_quality: () => DATA_QUALITY,
  sunbiz: () => SUNBIZ,
  entity_matching: () => ENTITY_MATCHING,
  performance: () => PERFORMANCE,
  ai_ml: aiMl,
};
