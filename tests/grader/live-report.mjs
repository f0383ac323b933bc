/** Observes a prepared submission as the page's worker does, in a process of its own, and prints the canonical report. */
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { runtimeUrl, prepared } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
const { assembleReport, canonicalJson, observe } = await import(runtimeUrl);
const titles = prepared.lab.checks.map(({ title }) => title);
const { checks } = await observe(prepared, titles);
const report = assembleReport(prepared, checks);
process.stdout.write(canonicalJson(report), () => process.exit(0));
