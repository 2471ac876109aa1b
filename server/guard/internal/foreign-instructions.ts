import type { InstructionSignature } from '#server/guard/internal/instruction-signatures.ts';

/**
 * Languages without blanks between words, or with more endings than a list can hold, are read by
 * stems: what to set aside, near what was told before. Bounded gaps keep every pattern linear.
 */
interface ForeignSignature extends Omit<InstructionSignature, 'required'> {
  /** Runs only when this script occurs. */
  readonly script: RegExp;
}

const han = /\p{Script=Han}/u;
const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const hangul = /\p{Script=Hangul}/u;
const arabic = /\p{Script=Arabic}/u;
const hebrew = /\p{Script=Hebrew}/u;
const devanagari = /\p{Script=Devanagari}/u;
const bengali = /\p{Script=Bengali}/u;
const cyrillic = /\p{Script=Cyrillic}/u;
const greek = /\p{Script=Greek}/u;
const thai = /\p{Script=Thai}/u;
const latin = /[\u00c0-\u024f\u1e00-\u1eff]/;

const foreign = (
  script: RegExp,
  name: string,
  weight: number,
  pattern: RegExp,
): ForeignSignature => ({ script, name, weight, pattern });

export const foreignSignatures: readonly ForeignSignature[] = [
  // Chinese.
  foreign(
    han,
    'override_instructions',
    1,
    /(?:忽略|无视|無視|忽视|忽視|忘记|忘記|忘掉|不要理会|不要理會|不要遵守|抛开|拋開|跳过|跳過|覆盖|覆蓋)[^。！？\n]{0,14}(?:指令|指示|提示|命令|规则|規則|要求|说明|說明|设定|設定|约束|限制|任务|任務)/gu,
  ),
  foreign(
    han,
    'override_instructions',
    0.6,
    /(?:忽略|无视|忽视|忘记|忘掉|不要理会)[^。！？\n]{0,6}(?:之前|以上|上述|先前|上面|前面|以前)/gu,
  ),
  foreign(
    han,
    'addressed_to_model',
    0.6,
    /(?:AI|人工智能|人工智慧|智能|语言模型|語言模型|大模型|机器人)[^。！？\n]{0,3}(?:助手|助理|代理|模型|[,，:：])/giu,
  ),
  foreign(
    han,
    'secrecy',
    0.7,
    /(?:不要|别|勿|不得|无需|不必)[^。！？\n]{0,3}(?:告诉|告訴|通知|提及|告知|透露)[^。！？\n]{0,6}(?:用户|用戶|使用者|任何人)?/gu,
  ),
  foreign(
    han,
    'tool_directive',
    0.5,
    /(?:调用|呼叫|執行|执行|使用)[^。！？\n]{0,10}(?:工具|函数|函數|接口)/gu,
  ),
  foreign(
    han,
    'exfiltration',
    0.5,
    /(?:发送|發送|转发|轉發|转账|轉帳|汇款|上传)[^。！？\n]{0,12}(?:到|给|給|至)|把[^。！？\n]{0,10}(?:密码|密碼|口令|数据|资料)[^。！？\n]{0,4}(?:发|寄|传)/gu,
  ),
  foreign(
    han,
    'task_preemption',
    0.6,
    /在?(?:完成|回答|继续|执行|处理)[^。！？\n]{0,10}(?:任务|问题|请求)[^。！？\n]{0,3}(?:之前|前)[^。！？\n]{0,6}(?:先|必须|需要|请)/gu,
  ),
  foreign(
    han,
    'new_instructions',
    0.6,
    /(?:新的?|更新的?|真正的?|接下来的?)(?:系统)?(?:指令|任务|提示词|命令)[是为:：]?/gu,
  ),
  foreign(
    han,
    'changed_persona',
    0.6,
    /(?:从现在开始|从现在起|現在開始)[^。！？\n]{0,3}你|你现在是/gu,
  ),
  // Japanese.
  foreign(
    kana,
    'override_instructions',
    1,
    /(?:指示|命令|プロンプト|ルール|指令|制約|内容|設定)[^。！？\n]{0,10}(?:無視(?:し|せよ)|忘れ(?:て|ろ|なさい)|従わない|破棄し)/gu,
  ),
  foreign(
    kana,
    'secrecy',
    0.6,
    /(?:ユーザー|利用者|誰)[^。！？\n]{0,4}(?:には?|にも)[^。！？\n]{0,6}(?:知らせ|伝え|言わ|教え|通知し)(?:ず|ない)/gu,
  ),
  foreign(
    kana,
    'addressed_to_model',
    0.6,
    /(?:AI|エーアイ|アシスタント|言語モデル|エージェント)[^。！？\n]{0,6}(?:へ|は|に|の(?:皆さん|方)|、)/giu,
  ),
  foreign(
    kana,
    'exfiltration',
    0.5,
    /(?:パスワード|個人情報|連絡先|履歴|データ)[^。！？\n]{0,12}(?:送信し|送って|送れ|転送し)/gu,
  ),
  // Korean.
  foreign(
    hangul,
    'override_instructions',
    1,
    /(?:지시|명령|프롬프트|규칙|지침|설정|안내)[가-힣]{0,4}[^.!?\n]{0,8}(?:무시하(?:고|세요|라|십시오|여)|무시해|잊어|잊으|따르지)/gu,
  ),
  foreign(hangul, 'secrecy', 0.6, /(?:사용자|아무)[^.!?\n]{0,6}(?:알리지|말하지|언급하지)/gu),
  foreign(
    hangul,
    'addressed_to_model',
    0.6,
    /(?:AI|인공지능|어시스턴트|언어 ?모델|챗봇|에이전트)[^.!?\n]{0,4}(?:에게|는|님|,|은)/giu,
  ),
  foreign(
    hangul,
    'exfiltration',
    0.5,
    /(?:비밀번호|개인정보|연락처|데이터)[^.!?\n]{0,12}(?:보내|전송|전달)/gu,
  ),
  // Arabic, Hebrew.
  foreign(
    arabic,
    'override_instructions',
    1,
    /(?:تجاهل|تجاهلي|تجاهلوا|انس[َى]?|تخطَّ?|لا تتبع|أهمل)[^.!؟\n]{0,16}(?:التعليمات|الأوامر|التوجيهات|القواعد|الإرشادات|تعليماتك|أوامرك)/gu,
  ),
  foreign(
    arabic,
    'addressed_to_model',
    0.6,
    /(?:المساعد|الذكاء الاصطناعي|النموذج اللغوي|الوكيل الذكي|روبوت)/gu,
  ),
  foreign(
    arabic,
    'secrecy',
    0.7,
    /(?:لا تخبر|دون إخبار|دون علم|بدون إخبار|لا تذكر)[^.!؟\n]{0,10}(?:المستخدم|أحد)/gu,
  ),
  foreign(
    arabic,
    'exfiltration',
    0.5,
    /(?:أرسل|ارسل|حوّل|حول)[^.!؟\n]{0,14}(?:كلمة المرور|كلمات المرور|البيانات|المبلغ|الرصيد|المعلومات)/gu,
  ),
  foreign(
    hebrew,
    'override_instructions',
    1,
    /(?:התעלם|התעלמי|התעלמו|שכח|שכחי)[^.!?\n]{0,14}(?:ההוראות|הוראות|ההנחיות|הנחיות|הפקודות|הכללים)/gu,
  ),
  // Hindi.
  foreign(
    devanagari,
    'override_instructions',
    1,
    /(?:निर्देश|आदेश|नियम|प्रॉम्प्ट|हिदायत)[^।!?\n]{0,16}(?:अनदेख|नज़रअंदाज़|नजरअंदाज|भूल जा|उपेक्षा|अवहेलना)/gu,
  ),
  foreign(
    devanagari,
    'override_instructions',
    0.6,
    /(?:अनदेखा कर|अनदेखी कर|नज़रअंदाज़ कर|नजरअंदाज कर|भूल जा)/gu,
  ),
  foreign(
    devanagari,
    'exfiltration',
    0.5,
    /(?:पासवर्ड|डेटा|जानकारी|ईमेल)[^।!?\n]{0,10}(?:भेज|बता|दें)/gu,
  ),
  // Bengali.
  foreign(
    bengali,
    'override_instructions',
    1,
    /(?:নির্দেশ|আদেশ|নিয়ম)[^।!?\n]{0,20}(?:উপেক্ষা|ভুলে যা|অগ্রাহ্য)/gu,
  ),
  // Russian, Ukrainian.
  foreign(
    cyrillic,
    'override_instructions',
    1,
    /(?:игнорир|проигнорир|забуд|отмен(?:и|яй)|пренебре|не следуй|не выполняй|ігнору|проігнору|забудь)[а-яёіїє]{0,8}[^.!?\n]{0,24}(?:инструкц|указани|команд|правил|распоряжен|директив|что (?:тебе|вам) (?:говорил|сказал)|подсказ|промпт|інструкц|вказівк)/giu,
  ),
  foreign(
    cyrillic,
    'new_instructions',
    0.6,
    /(?:нов(?:ая|ые|ое)|настоящ(?:ая|ее)|обновл[её]нн(?:ая|ые))[^.!?\n]{0,12}(?:задач|инструкц|задани|указани|команд)/giu,
  ),
  foreign(
    cyrillic,
    'secrecy',
    0.7,
    /(?:не сообщай|не говори|не уведомля|не упоминай|не сообщать|не уведомлять|без ведома)[а-яё]{0,4}[^.!?\n]{0,10}(?:пользовател|никому)?/giu,
  ),
  foreign(
    cyrillic,
    'addressed_to_model',
    0.6,
    /(?:ассистент|помощник|языков\S{2,3} модел|нейросет|искусственн\S{2,3} интеллект|ИИ-)/giu,
  ),
  foreign(
    cyrillic,
    'exfiltration',
    0.5,
    /(?:отправ|перешл|перевед|перевест|пришл|переда)[а-яё]{0,6}[^.!?\n]{0,16}(?:парол|данн|деньг|средств|контакт|ключ)/giu,
  ),
  foreign(
    cyrillic,
    'task_preemption',
    0.6,
    /(?:прежде чем|перед тем,? как|до того,? как)[^.!?\n]{0,20}(?:задач|задани|вопрос|запрос)/giu,
  ),
  // Greek, Thai.
  foreign(
    greek,
    'override_instructions',
    1,
    /(?:αγνόησε|αγνοήστε|ξέχασε|ξεχάστε)[^.!;\n]{0,20}(?:οδηγίες|εντολές|κανόνες)/giu,
  ),
  foreign(
    thai,
    'override_instructions',
    1,
    /(?:เพิกเฉย|ละเว้น|ไม่ต้องสนใจ|ลืม)[^\n]{0,16}(?:คำสั่ง|คำแนะนำ|กฎ)|(?:คำสั่ง|คำแนะนำ)[^\n]{0,10}(?:เพิกเฉย|ละเว้น)/gu,
  ),
  // Turkish, Vietnamese, Czech and others with stems.
  foreign(
    latin,
    'override_instructions',
    1,
    /(?:önceki|yukarıdaki|tüm|bütün)[^.!?\n]{0,16}(?:talimat|komut|kural|yönerge)[^.!?\n]{0,12}(?:yok say|görmezden gel|unut|dikkate alma)/giu,
  ),
  foreign(
    latin,
    'override_instructions',
    1,
    /(?:bỏ qua|phớt lờ|quên)[^.!?\n]{0,16}(?:hướng dẫn|chỉ dẫn|chỉ thị|lệnh|quy tắc)/giu,
  ),
  foreign(
    latin,
    'override_instructions',
    1,
    /(?:ignoruj|zapomeň|zapomeňte|nezohledňuj)[^.!?\n]{0,16}(?:předchozí|pokyny|instrukce|příkazy)/giu,
  ),
  foreign(
    latin,
    'secrecy',
    0.6,
    /(?:kullanıcıya|kimseye)[^.!?\n]{0,10}(?:söyleme|bildirme|bahsetme)/giu,
  ),
];
