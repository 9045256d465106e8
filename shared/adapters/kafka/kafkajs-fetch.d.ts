// The one part of kafkajs' inside that is used here, of which kafkajs publishes no types: how it makes requests of Fetch.
declare module 'kafkajs/src/protocol/requests/fetch/index.js' {
  interface FetchRequest {
    readonly response: { readonly decode: (answer: Buffer) => Promise<unknown> };
  }
  type MakeRequest = (options: object) => FetchRequest;
  const fetchRequests: { protocol: (wanted: { readonly version: number }) => MakeRequest };
  export default fetchRequests;
}
