// The types of the only internal part of kafkajs that is used here: the part that makes Fetch requests. kafkajs publishes no types for it.
declare module 'kafkajs/src/protocol/requests/fetch/index.js' {
  interface FetchRequest {
    readonly response: { readonly decode: (answer: Buffer) => Promise<unknown> };
  }
  type MakeRequest = (options: object) => FetchRequest;
  const fetchRequests: { protocol: (wanted: { readonly version: number }) => MakeRequest };
  export default fetchRequests;
}
