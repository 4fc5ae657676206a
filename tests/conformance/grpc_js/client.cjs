// What Node's gRPC client sees, as JSON: `client.cjs HOST:PORT TOKEN JPEG PROTO_FOLDER`.
const fs = require("node:fs");
const path = require("node:path");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const [address, token, picture, folder] = process.argv.slice(2);
const options = { keepCase: true, longs: String, enums: String, oneofs: true, includeDirs: [folder] };
const load = (file) => grpc.loadPackageDefinition(loader.loadSync(path.join(folder, file), options));
const metadata = new grpc.Metadata();
metadata.set("authorization", `Bearer ${token}`);
const image = fs.readFileSync(picture);
const now = BigInt(Date.now()) * 1000n;

function infer() {
  const { GRPCInferenceService } = load("rapt/oip/inference.proto").inference;
  const client = new GRPCInferenceService(address, grpc.credentials.createInsecure());
  const length = Buffer.alloc(4);
  length.writeUInt32LE(image.length);
  const request = {
    model_name: "face",
    id: "7",
    inputs: [{ name: "frame", datatype: "BYTES", shape: ["1", "1"] }],
    raw_input_contents: [Buffer.concat([length, image])],
  };
  return new Promise((resolve, reject) => {
    client.ModelInfer(request, metadata, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
}

function observe() {
  const { Perception } = load("rapt/v1/perception.proto").rapt.v1;
  const client = new Perception(address, grpc.credentials.createInsecure());
  const call = client.Observe(metadata);
  const open = {
    tenant_id: 7,
    content_id: String(now),
    session_id: String(now + 1n),
    user_key: "7",
    role: "ROLE_STUDENT",
    fence: 1,
    opened_at_us: String(now),
    content_kind: "CONTENT_KIND_VIDEO",
    content_length_ms: 60000,
    policy: "adult/1",
    keep_days: 1,
    camera_keep_days: 1,
  };
  call.write({ open });
  call.write({ frame: { sequence: "1", captured_us: "1", budget_ms: 9000, image } });
  call.write({ close: { reason: "EXIT_REASON_LEFT" } });
  call.end();
  return new Promise((resolve, reject) => {
    const kinds = [];
    call.on("data", (answer) => kinds.push(answer.message));
    call.on("error", reject);
    call.on("end", () => resolve(kinds));
  });
}

async function main() {
  const reply = await infer();
  const faces = reply.raw_output_contents[reply.outputs.findIndex((one) => one.name === "faces")];
  const seen = { id: reply.id, faces: faces.readInt32LE(0), kinds: await observe() };
  process.stdout.write(JSON.stringify(seen));
}

main();
