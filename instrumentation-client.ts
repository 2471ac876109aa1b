/*
 * Runs before anything else in the browser. Zod asks whether it may compile by `new Function`; our
 * content security policy refuses that, harmlessly but as a reported violation, so it is told not
 * to ask. Set through zod's own global, because importing zod here would bring it to every page.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
