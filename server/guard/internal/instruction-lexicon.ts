/**
 * The vocabulary of instructions to a model, by what a word *does*, not by language: every class has
 * one letter, and the signatures of `instruction-signatures.ts` are patterns over those letters. Words
 * that play no part are dots. Inflected forms are listed; scripts without blanks are read by
 * `foreign-instructions.ts`.
 */
export const lexicon: Readonly<Record<string, string>> = {
  // O: set aside what was said.
  O:
    'ignore disregard forget override overrule bypass neglect discard dismiss abandon circumvent overlook ' +
    'overwrite supersede nevermind scrap aside ' +
    'ignoriere ignorieren ignorier ignoriert vergiss vergessen vergesst missachte missachten überschreibe verwerfe verwirf übergehe ' +
    'ignorez ignorer oublie oubliez oublier négligez négliger outrepasse outrepassez ' +
    'ignora ignorar ignoren olvida olvide olvidar olvidad descarta descarte omite omita desatiende ' +
    'ignorate ignori dimentica dimenticate dimenticare trascura tralascia scarta ' +
    'ignorem esqueça esqueçam esquece esquecer desconsidere desconsiderem descarte ' +
    'negeer negeren vergeet zignoruj zignorujcie ignoruj zapomnij pomiń odrzuć yoksay unut görmezden ' +
    'abaikan lupakan ignorera glöm strunta kalimutan balewalain olvídate olvidate ignorér glem ignorați uită',
  // F: do as told.
  F:
    'follow following-up obey comply adhere heed abide obeying complying befolge befolgen befolgt gehorche suivez suis suivre ' +
    'respectez obéis obéissez sigue siga seguir obedece obedezca cumple cumpla segui seguite seguire obbedisci rispetta ' +
    'siga sigam obedeça cumpra volg volgen opvolgen wykonaj wykonuj przestrzegaj',
  // P: what came before.
  P:
    'previous previously prior above earlier preceding foregoing existing original initial past former ' +
    'aforementioned old beginning vorherige vorherigen vorigen bisherigen bisherige obigen obige früheren vorangehenden ursprünglichen ' +
    'précédent précédente précédentes précédents antérieures antérieurs dessus initiales ' +
    'anterior anteriores previas previos previa arriba originales precedenti precedente sopra originali ' +
    'prévias acima originais vorige eerdere bovenstaande voorgaande poprzednie poprzednich powyższe wcześniejsze ' +
    'önceki yukarıdaki sebelumnya tidigare föregående ovan tidligere forrige naunang nakaraang anterioare',
  // A: all of it.
  A:
    'all any every everything whatever anything entire these those alle alles sämtliche jegliche toutes tous toute tout todas ' +
    'todos tutte tutti tutto qualsiasi tudo todas wszystkie wszystko tüm bütün semua segala alla toate',
  // I: what one is told.
  I:
    'instruction instructions prompt prompts directive directives command commands rule rules guideline ' +
    'guidelines guidance requirement requirements programming directions ' +
    'anweisung anweisungen instruktionen befehle befehl vorgaben regeln anordnungen ' +
    'consigne consignes directives règles ordres instrucción instrucciones indicaciones órdenes reglas ' +
    'istruzione istruzioni regole comandi direttive indicazioni instrução instruções regras comandos diretrizes ' +
    'instructies regels opdrachten instrukcje instrukcji polecenia poleceń zasady talimat talimatları talimatlar komutları ' +
    'instruksi perintah instruktioner instruktionerna regler instruks instruksjoner tagubilin panuto instrucțiunile instrucțiuni regulile',
  // T: what the agent was asked for.
  T:
    'task tasks request requests question query objective goal assignment mission aufgabe aufgaben anfrage auftrag tâche ' +
    'tâches demande tarea tareas solicitud petición compito richiesta attività tarefa tarefas pedido taak opdracht ' +
    'zadanie zadania görev görevi tugas uppgift uppgiften oppgave opgave sarcina',
  // U: whom the agent serves, in the third person.
  U: 'user users human operator principal customer benutzer benutzers nutzer nutzers utilisateur usuario usuário utente gebruiker użytkownik użytkownika użytkownikowi kullanıcı kullanıcıya pengguna användaren',
  // Y: the one addressed.
  Y:
    'you your yours yourself youre youll youve du dein deine deinen dich sie ihre ihren ihr vous votre vos tu ton tes toi usted tus ' +
    'tuo tue tuoi você seu sua suas jij je jouw uw twoje twój ty sen sana senin anda kamu',
  // B and Z: order of doing.
  B: 'before beforehand first firstly bevor zuerst zunächst avant abord premièrement antes primero prima innanzitutto primeiro voordat eerst zanim najpierw önce sebelum först',
  Z: 'after afterwards then once subsequently finally danach nachdem anschließend ensuite après puis después luego dopo poi depois daarna nadat potem sonra setelah sedan',
  // C: get the task done.
  C:
    'solve complete finish continue proceed accomplish resolve conclude completing solving finishing concluding continuing ' +
    'completed finished done lösen erledigen erledigt abschließen fortfahren fortfährst beenden terminer continuer accomplir résoudre completar terminar ' +
    'continuar resolver completare terminare proseguire concluir voltooien afmaken doorgaan dokończyć wykonać ukończyć tamamla menyelesaikan slutföra',
  // V: things that agents do to the world.
  V:
    'delete remove click open fetch install change update reset reserve schedule create add approve deploy ' +
    'modify disable enable navigate go search move copy unlock withdraw sell cancel access perform collect ' +
    'gather retrieve attach export wipe drop lösche löschen führe rufe öffne leite supprime supprimez exécute ' +
    'exécutez appelle appelez ouvre visitez borra elimina elimine ejecuta ejecute llama llame abre visita ' +
    'trasferisci esegui chiama apri cancella apague exclua execute chame abra verwijder voer roep usuń uruchom ' +
    'wywołaj otwórz sil çalıştır hapus jalankan radera make book',
  // v: of those, what carries things out of the house.
  v:
    'send sends transfer forward email upload download buy purchase pay wire grant share leak exfiltrate ' +
    'submit invite visit post publish sent reenvía sende senden schicke schicken überweise überweisen envoie ' +
    'envoyez envoyer transfère transférez transmets transmettez virez envía envíe enviar transfiere transfiera ' +
    'transferir invia inviare invii inoltra envie transfira encaminhe stuur verzend wyślij prześlij przelej ' +
    'gönder aktar kirim kirimkan skicka överför',
  // W: things that models say.
  W:
    'respond reply answer answering responding replying answers output print say repeat write reveal disclose show display state summarize ' +
    'summarise translate include append insert recite return generate type echo give provide antworte antworten schreibe gib ausgib zeige verrate wiederhole ' +
    'réponds répondez écris affiche affichez révèle révélez répète responde responda escribe muestra revela repite rispondi scrivi mostra rivela ripeti ' +
    'responda escreva mostre revele repita antwoord schrijf toon onthul odpowiedz napisz ujawnij pokaż powtórz yaz göster jawab tulis svara skriv visa',
  // R: what a model does with data.
  R: 'read reading process processing summarizing summarising analyzing analysing reviewing parsing scanning browsing processes reads lesen liest lees lisez lis lees leyendo leggendo lendo verarbeitest traitez procesas',
  // M: obligation.
  M: 'must shall required mandatory should strictly obligated compulsory musst müssen sollst unbedingt devez dois doit debes debe tienes devi deve dovete deves moet muszisz musisz należy harus måste',
  // E: urgency.
  g: 'need needs ensure necessary have has',
  E: 'important urgent critical attention warning notice alert priority immediately emergency asap caution wichtig wichtige dringend achtung sofort urgente importante importantes atención attenzione atenção immédiatement inmediatamente belangrijk dringend ważne pilne uwaga önemli acil dikkat penting segera viktigt',
  // a: names of those who are addressed.
  a:
    'ai ais assistant assistants agent agents chatbot chatbots bot bots llm llms gpt gpt3 gpt4 gpt4o gpt5 chatgpt claude gemini llama qwen copilot ' +
    'mistral mixtral deepseek grok bard opus sonnet haiku kommando assistent assistenten ki modell sprachmodell assistante ia asistente modelo agente ' +
    'assistente asystent asystencie asystentem yapay asisten asistan assistenten openai-assistant cohere nova palm phi',
  k: 'model models language',
  // k: twice in a row it is one of those, too.
  // m: kinds of message.
  m: 'message messages note notes announcement memo reminder communication nachricht hinweis mitteilung mensaje nota aviso messaggio avviso mensagem bericht wiadomość mesaj pesan meddelande',
  f: 'from by von vom del dari från van',
  t: 'to for für à pour para al ao aan voor dla için kepada untuk till',
  // e: the pretended speaker.
  e: 'me my i mine we us our im ive mir mich mein meine ich moi mon je mi yo mio io meu eu mij mijn ik mój ja ben saya mig jag',
  // N: what is to hold instead.
  N: 'new updated revised additional actual real next instead now latest neue neuen stattdessen jetzt nouvelle nouvelles nouveau maintenant plutôt nueva nuevas nuevo ahora lugar nuova nuove nuovo invece ora nova novas novo agora vez nieuwe nu nowe nowa teraz zamiast yeni şimdi bunun baru sekarang sebagai ny nya nu istället',
  c: 'constraint constraints restriction restrictions limitation limitations limits filter filters safeguards guardrails censorship einschränkungen beschränkungen restricciones restrizioni restrições beperkingen ograniczeń',
  p: 'please bitte kindly favor proszę lütfen prego',
  r: 'requested asked wants wanted authorized authorised approved preapproved consented confirmed agreed',
  w: 'todo',
  d: 'end',
  j: 'told instructed taught said given dit dits detto dicho dito gesagt gezegd powiedziano sagt sinabi',
  q: 'apply applies longer valid void obsolete outdated superseded revoked lifted gelten galten gültig',
  h: 'stop halt cease pause stopp arrête arrêtez detente fermati pare',
  l: 'following follows below folgende folgenden folgendes suivante suivantes suivant siguiente siguientes seguente seguenti seguinte seguintes volgende następujące następującą poniższe aşağıdaki berikut följande',
  // D: what attackers want.
  D:
    'password passwords credential credentials key keys secret secrets token tokens conversation history chat inbox contacts ' +
    'data information info phone address account accounts balance card files file ssn details code otp cookies session env emails records ' +
    'passwort passwörter zugangsdaten daten kontodaten motdepasse identifiants données contraseña contraseñas credenciales datos ' +
    'credenziali dati senha senhas dados wachtwoord gegevens hasło hasła dane şifre parola sandi lösenord',
  // S and s: unseen, and telling.
  S: 'secretly silently quietly covertly discreetly stealthily hidden confidential confidentially unnoticed heimlich stillschweigend secrètement discrètement silencieusement secretamente silenciosamente segretamente stiekem potajemnie gizlice diamdiam',
  s: 'tell mention inform notify alert warn report disclose acknowledge reveal ask informing telling notifying mentioning alerting asking sage sag erwähne informiere informieren dis dites mentionne mentionnez informer informe informez digas menciones informes dire menzionare informare diga mencione informar zeg vermeld informeer mów wspominaj informuj informowania söyleme bahsetme beritahu nämn berätta',
  n: 'not dont never no without cannot doesnt nicht kein keine ohne niemals ne pas jamais sans non senza nunca sem niet geen zonder nie bez jangan tanpa inte utan',
  // X: machinery of agents.
  X: 'tool tools function functions api plugin plugins werkzeug outil outils herramienta strumento ferramenta narzędzie narzędzia aracı alat verktyg',
  u: 'use using used call calling invoke invoking run running execute executing benutze nutze verwende utilise utilisez usa utiliza utilizza gebruik użyj kullan gunakan använd',
  // G: borrowed authority.
  G: 'system admin administrator developer developers openai anthropic google microsoft meta root supervisor moderator owner creator creators systemadministrator administrateur administrador amministratore beheerder',
  H: 'hey hi hello dear ok okay hallo liebe lieber bonjour cher hola querido ciao caro olá drogi merhaba',
  i: 'if when whenever while wenn falls sobald si quand lorsque cuando quando se als wanneer jeśli gdy eğer jika om när',
  o: 'response answer reply output summary completion antwort réponse respuesta risposta resposta antwoord odpowiedź odpowiedzi yanıt jawaban svar',
  y: 'only exactly just solely verbatim nothing literally nur genau ausschließlich seulement uniquement solo únicamente solamente soltanto apenas somente alleen tylko sadece hanya bara endast',
  J: 'jailbreak jailbroken dan unrestricted unfiltered uncensored unlimited amoral roleplay persona pretend',
  Q: 'act behave simulate become',
  L: 'otherwise consequences terminated shutdown penalized penalised punished deactivated failure fired',
  // z: words of instructions in rot13 or back to front.
  z: 'vafgehpgvbaf vafgehpgvba cerivbhf cebzcg cebzcgf vtaber cnffjbeq nffvfgnag qvfertneq sbetrg snoitcurtsni noitcurtsni tpmorp stpmorp suoiverp erongi drowssap tnatsissa',
  // K: words of those who write about attacks.
  K:
    'attack attacks attacker attackers injection injections adversarial malicious vulnerability vulnerabilities ' +
    'phishing detect detects detection detector mitigate mitigation defense defence defend owasp researchers paper threat exploit exploits ' +
    'example examples jailbreaks redteam suspicious untrusted sanitize classifier benchmark payload payloads scam scammers',
};

const leetOf: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
};

const lookalikePairs =
  'аa еe оo рp сc уy хx іi јj ѕs ԁd һh ԛq ԝw кk мm тt вb нh ӏl οo αa νv ιi κk τt υu ρp εe ηn';

/** Cyrillic and Greek letters that pass for Latin ones; folded only inside words that mix scripts. */
export const lookalikes: ReadonlyMap<number, number> = new Map(
  lookalikePairs.split(' ').map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]),
);

/** Lower case, digits read as the letters they imitate: `1gn0re` is "ignore", and `gpt4` is "gpta". */
export function foldCode(code: number): number {
  if (code < 128) {
    if (code >= 65 && code <= 90) return code + 32;
    if (code >= 48 && code <= 57) return leetOf[String.fromCharCode(code)]?.charCodeAt(0) ?? code;
    return code;
  }
  if ((code >= 0xc0 && code <= 0xde) || (code >= 0x391 && code <= 0x3a9)) return code + 32;
  if (code >= 0x410 && code <= 0x42f) return code + 32;
  if (code >= 0xff21 && code <= 0xff3a) return code - 0xff21 + 97;
  if (code >= 0xff41 && code <= 0xff5a) return code - 0xff41 + 97;
  return code >= 0x100 && code <= 0x17f ? code | 1 : code;
}

/** {@link foldCode} of ASCII as a table. */
export const foldTable: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => foldCode(code));

export const hashSeed = 0x811c9dc5;

/** One step of FNV-1a over folded codes. */
export const hashStep = (hash: number, code: number): number =>
  Math.imul(hash ^ foldCode(code), 0x01000193);

function hashWord(word: string): number {
  let hash = hashSeed;
  for (let at = 0; at < word.length; at += 1) hash = hashStep(hash, word.charCodeAt(at));
  return hash | 0;
}

const slots = 8192;
const slotHashes = new Int32Array(slots);
const slotClasses = new Uint8Array(slots);

for (const [letter, words] of Object.entries(lexicon)) {
  for (const word of words.split(' ')) {
    const hash = hashWord(word);
    let slot = hash & (slots - 1);
    while (slotClasses[slot] !== 0 && slotHashes[slot] !== hash) slot = (slot + 1) & (slots - 1);
    // The first class that claims a word keeps it: the table is in order of weight.
    if (slotClasses[slot] !== 0) continue;
    slotHashes[slot] = hash;
    slotClasses[slot] = letter.charCodeAt(0);
  }
}

/** Class letter (as a character code) of a word by its hash; 0 for words that play no part. */
export function classOfHash(hash: number): number {
  let slot = hash & (slots - 1);
  while (slotClasses[slot] !== 0) {
    if (slotHashes[slot] === hash) return slotClasses[slot] ?? 0;
    slot = (slot + 1) & (slots - 1);
  }
  return 0;
}
