#!/usr/bin/env node
"use strict";
var import_node_crypto = require("node:crypto");
var import_node_fs = require("node:fs");
var import_node_os = require("node:os");
var import_node_path = require("node:path");
var import_node_vm = require("node:vm");
const FORMAT = 1;
const HASH_BYTES = 32;
const folder = (0, import_node_path.join)(process.env.LASTGOOD_HOME ?? (0, import_node_path.join)(process.env.HOME ?? (0, import_node_os.homedir)(), ".lastgood"), "cache");
const name = `${"405751fe0e183a14d76d2a92211b177e68e34a46e23c7d0f6691f92b364e1e49".slice(0, 16)}-${process.version}-${process.arch}`;
const bundle = (0, import_node_path.join)(__dirname, "program.cjs");
const rank = ["deploy", "rollback", "resume"].includes(process.argv[2] ?? "") ? 2 : 1;
const kept = read();
const script = new import_node_vm.Script(
  `(function (exports, require, module, __filename, __dirname) {${(0, import_node_fs.readFileSync)(bundle, "utf8")}
})`,
  { filename: bundle, ...kept === null ? {} : { cachedData: kept.data } }
);
const keptRank = kept === null || script.cachedDataRejected === true ? 0 : kept.rank;
if (rank > keptRank) process.once("exit", keep);
script.runInThisContext()({}, require, {}, bundle, __dirname);
function read() {
  try {
    const file = (0, import_node_fs.readFileSync)((0, import_node_path.join)(folder, name));
    const content = file.subarray(HASH_BYTES);
    const intact = file.subarray(0, HASH_BYTES).equals((0, import_node_crypto.createHash)("sha256").update(content).digest());
    if (!intact || content[0] !== FORMAT) return null;
    return { rank: content[1] ?? 0, data: content.subarray(2) };
  } catch {
    return null;
  }
}
function keep() {
  try {
    if ((0, import_node_fs.statSync)((0, import_node_path.join)(folder, "..")).uid !== process.getuid?.()) return;
    const content = Buffer.concat([Buffer.from([FORMAT, rank]), script.createCachedData()]);
    (0, import_node_fs.mkdirSync)(folder, { recursive: true, mode: 448 });
    const fresh = (0, import_node_path.join)(folder, `${name}.${process.pid}`);
    (0, import_node_fs.writeFileSync)(fresh, Buffer.concat([(0, import_node_crypto.createHash)("sha256").update(content).digest(), content]), {
      mode: 384
    });
    (0, import_node_fs.renameSync)(fresh, (0, import_node_path.join)(folder, name));
    for (const other of (0, import_node_fs.readdirSync)(folder)) if (other !== name) (0, import_node_fs.rmSync)((0, import_node_path.join)(folder, other), { force: true });
  } catch {
  }
}
