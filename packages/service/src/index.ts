export { type App, type AppOptions, createApp } from './app.ts';
export type { Headers, HttpRequest, HttpResponse } from './http/messages.ts';
export { type Listening, type ListenOptions, listen } from './http/listen.ts';
export type { Project, Projects } from './posthog/ports.ts';
export type { Health } from './operate/probes.ts';
export { type Answer, answerText } from './posthog/wire/answer.ts';
export type { Shape } from './posthog/wire/shape.ts';
