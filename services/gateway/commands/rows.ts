export const COMMAND_COLUMNS = `id, workspace_id, name, version, strategy, steps,
  jsonb_build_object('requires_approval', requires_approval) as policy, created_at`;
