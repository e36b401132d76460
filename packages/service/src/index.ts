export { type App, type AppOptions, createApp } from './app.ts';
export type { Handler, Headers, HttpRequest, HttpResponse } from './http.ts';
export { type Listening, type ListenOptions, listen } from './listen/listen.ts';
export type { Project, Projects } from './ports.ts';
export type { Health } from './routes/probes.ts';
export { type Answer, answerText } from './wire/answer.ts';
export type { Shape } from './wire/shape.ts';
