export { type ClientOptions, type ClientProgram, createClient } from './app.ts';
