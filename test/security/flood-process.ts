import { type FloodName, floods } from './floods.ts';

/** The process of {@link startFlood}: floods a port until nobody is at the other end of its channel. */
const [, , name, port] = process.argv;
const flood = floods[name as FloodName](Number(port));
process.once('disconnect', () => flood.stop());
process.send!('begun');
