"use strict";

// The languages that the page speaks beside English. The words of one are a script,
// words.es.js, which is fetched when it is spoken and not before; package ui/say says more.

globalThis.Languages = (() => {
  const known = { es: "sha256 of words.es.js" }; // which tools/site writes here
  const words = {}; // of those that were fetched, by the English text

  // preferred is the first of the browser's languages that the page speaks.
  const preferred = () => {
    const wished = navigator.languages.map((tag) => tag.split("-")[0]);
    return wished.find((tag) => tag === "en" || Object.hasOwn(known, tag)) ?? "en";
  };

  const fetched = (tag) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = () => resolve();
    script.onerror = () => {
      script.remove();
      reject(new Error(`words.${tag}.js could not be fetched`));
    };
    script.integrity = known[tag];
    script.src = `words.${tag}.js`;
    document.head.append(script);
  });

  let wish = "en"; // the newest, which alone counts

  // speak has the document in a language, once its words are there.
  const speak = async (tag) => {
    wish = tag;
    if (Object.hasOwn(known, tag) && !words[tag]) await fetched(tag);
    if (wish === tag) document.documentElement.lang = tag;
  };

  // spoken is the language and its words, as JSON.
  const spoken = () => JSON.stringify({ tag: document.documentElement.lang, words: words[document.documentElement.lang] });

  // text is an English text in the language.
  const text = (english) => words[document.documentElement.lang]?.[english] ?? english;

  return { words, preferred, speak, spoken, text };
})();
