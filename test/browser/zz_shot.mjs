import { chromium } from "playwright-core";
import { existsSync, readFileSync } from "node:fs";
const base="http://127.0.0.1:8340", state="/tmp/shots-programs/state.json", out="/tmp/shots-programs/";
const links=Object.fromEntries(readFileSync("/tmp/demo-programs/demo-staff.txt","utf8").trim().split("\n").map(l=>l.split(" ")));
const b=await chromium.launch({executablePath:process.env.CH,args:["--no-sandbox"]});
const c=await b.newContext({viewport:{width:1360,height:900},locale:"fr-FR",storageState:existsSync(state)?state:undefined});
const p=await c.newPage();
p.on("console",m=>{ if(m.type()==="error"||m.type()==="warning") console.log("console",m.text()) });
p.on("pageerror",e=>console.log("pageerror",e.message));
if(!existsSync(state)){ await p.goto(links.owner); await p.locator("main button").click(); await p.waitForURL(/admin/); await c.storageState({path:state}); }
await (await import(process.argv[2])).default(p,base,async(name,full=true)=>{await p.screenshot({path:out+name+".png",fullPage:full})});
await b.close();
