/** Where uploads are. */
export const UPLOADS_PATH = "/v1/uploads";
