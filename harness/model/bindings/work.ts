/** What is handed out and done: tasks, workflows, operations that wait for a person. */
export interface WorkBindings {}
