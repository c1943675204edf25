/** The names of services. */

/** The form of the name of a service, which is also a file name. */
export const SERVICE_NAME: RegExp = /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/;
