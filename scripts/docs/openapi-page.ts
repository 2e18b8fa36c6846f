import { controlRoutes, openApiOf, trackerRoutes } from '@peerage/contract';

const version = '1';
const page = (document: object) => `${JSON.stringify(document, null, 2)}\n`;

export const trackerOpenApi = () => page(openApiOf(trackerRoutes, { title: 'Peerage tracker API', version }));
export const controlOpenApi = () => page(openApiOf(controlRoutes, { title: 'Peerage control API', version }));
