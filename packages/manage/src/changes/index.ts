export { changesBetween, type ProjectChange, type ProjectState, readProjectState } from './project-changes.ts';
