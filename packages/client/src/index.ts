export { type ClientOptions, type ClientProgram, createClient } from './app.ts';
export { whenFree } from './home/folder-lock.ts';
