/** Loads a module of the page. */
const FOLDER = new URL("../../../server/src/main/resources/page/", import.meta.url);

export const page = (name) => import(new URL(name, FOLDER));
