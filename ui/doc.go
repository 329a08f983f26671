// Package ui is the page: Vugu components over a desk.Desk, the state of one
// reader's work. It puts the rooms together, which do not know each other.
//
// # Names in the document
//
// Scripts, styles and end-to-end tests may rely on these ids and attributes.
//
//	#page               data-room = read | queue | learn | lab | privacy, the room that is shown,
//	                    data-model = none | loading | ready | failed,
//	                    data-run = idle | running | cancelling | covered | done,
//	                    data-single-keys = true | false
//	.rooms              the links to the rooms, aria-current = page | false; #read-title, …
//	                    their headings, where the keyboard goes
//	#sent               the link to Privacy, which says how many bytes have left since the first film
//	#status, #load      the model in a few words; load the shipped one after all
//	#files, #folder     the inputs of files (multiple) and of a folder; #choose and
//	                    #choose-folder are their labels
//	#queue-files, #queue-folder  the same of the queue
//	#queue-sum          how the queue stands; #stop-all, #write-all
//	#studies            the studies shown, [data-state = waiting | reading | writing | done |
//	                    failed | cancelled], each with a heading study-1…;
//	                    #studies-before, #studies-behind
//	#save-table, #save-lines  the forms in which many reports leave
//	#position           which study of the queue is on the stage: #position-now,
//	                    #previous-study, #next-study
//	#choice             the list of images to choose from, choice-0… its check boxes;
//	                    #choice-open, #choice-queue, #choice-dismiss
//	#example            the button "Read a synthetic example"
//	#slot-0, #slot-1    the frontal and the lateral view, data-filled = true | false
//	#film-0, #film-1    the hosts of the canvases (.xray below .heat) and of .contour;
//	                    data-slot; data-map = the word whose map is drawn, or empty;
//	                    data-zoomed = true | false
//	#notes-0, #notes-1  what was decided about the view in the slot
//	#swap, #remove-0, #remove-1
//	#window-0…, #invert, #zoom-out, #zoom, #zoom-in, #reset, #side-by-side, #full
//	                    the tools, which act on one film, that of data-active = true
//	#run, #cancel       write the report; stop writing it or loading a model
//	#run-why            why none can be written
//	#progress           role=progressbar, data-stage = fetch | load | tokenize | encode | generate
//	#stage              what is being done, in words
//	#draft              the report while it is written
//	#report             the finished report; its words are [data-word="0"…], ids word-0…,
//	                    the selected one has aria-current="true", tabindex="0" is where Tab goes,
//	                    data-unsure, data-redacted = true | false
//	#limits             what the model's card says it cannot do; #limits-toggle opens it
//	#tab-findings, #tab-compare, #tab-yours    the tabs below the draft, role=tab, and what
//	                    they show: #panel-findings, #panel-compare, #panel-yours
//	#your-text          the host of the box, role=textbox, for the reader's version of the draft;
//	                    #your-edits, what they changed: <ins>, <del>; #back-to-draft
//	#wrong              the button "This sentence is wrong", aria-pressed; its words have data-wrong
//	#look-first         the check box of the setting; #looking, what the reader is asked then:
//	                    seen-0… for each of the findings, #answer, #skip-answer
//	#discard            what the reader has said may go with its draft; #keep-yours
//	#again              what the draft says of each finding, [data-finding], data-said = named |
//	                    denied | silent; #again-state, #again-others, #flatters;
//	                    #redraw, #redraw-stop
//	#compare            #compare-0…, the ways to write the draft otherwise; #rewrite-state,
//	                    #rewrite-hint, #rewrite-stop; #rewrite-draft and #rewrite-other, the two
//	                    reports, where data-differs = true | false; #rewrite-other-title
//	#record             how often the model was right, by its card
//	#contact            the contact sheet; #contact-frames, a slider whose value is the word that
//	                    is pinned, from 1, holds [data-frame="0"…], data-pinned, data-shown = true | false
//	#map-attention, #map-mask, #map-change, #map-off    the radio buttons of the map switch
//	#legend, #strength  the colours of the map, and how much of it is to be seen
//	#details            the selected word: #word-text, #word-probability, #word-where,
//	                    [data-beside], a finding of its sentence,
//	                    [data-alternative="0"…], data-chosen = true | false, with #follow-0…,
//	                    #cover, and #word-rewrite, what came of these
//	#facts              the model: #fact-model, #fact-precision, #fact-backend, #fact-sha256, …;
//	                    #facts-toggle opens it
//	#keys               the list of keys, which #keys-toggle opens; #single-keys, the check box that
//	                    says whether those that are a letter, a digit or a sign mean something
//	#language           the list of languages; #language-hint, what stays English
//	#export-english     that the exports are English, if the page is not
//	#automatic          the check box "Redraw automatically"
//	#backend, #threads  the lists of what to compute with
//	#copy-report, #copy-json, #print
//	#export, #exports   the list of formats: #save-text, #save-markdown, #save-csv, #save-json, #save-sr
//	#learn-title, #learn-state, #learn-write, #learn-again    a step of the classroom, and why it has no numbers yet
//	#learn-film-0, #learn-film-1    the hosts of its canvases; data-view, data-picks = true | false,
//	                    whether a patch is chosen there
//	#learn-words        the words of the draft, learn-word-0…, one of which is chosen
//	#learn-greys, #learn-codes, #learn-entropy, #learn-tokens, #learn-uses,
//	#learn-no-tiles, #learn-dictionary, #learn-tiled, #learn-retold, #learn-untold, #learn-tree, #learn-further, #learn-found, #learn-alike, #learn-near, #learn-nearest, #learn-picks, #learn-gate-input, #learn-gate-forget, #learn-head, #learn-head-mean, #learn-head-0…, #learn-flat, #learn-mask-0…, #learn-mask-0-text…,
//	#learn-temperature, #learn-width, #learn-chances, #learn-equal, #learn-search, #learn-rank    what the steps show
//	#learn-now          the equation with numbers
//	#learn-question, #learn-answer-toggle, #learn-answer    a question for a class
//	#learn-teacher      the link to the page for teachers
//	#learn-previous, #learn-next, #learn-print
//	#learn-print-all    all steps, a sheet each: #learn-lesson has data-sheet = the step that the screen
//	                    is to keep, or 0; #learn-gathering, #learn-print-stop; #learn-sheets, filled while
//	                    the page is printed
//	#lab-film-0, #lab-film-1, #lab-plain    the hosts of the phantom lab's canvases
//	#lab-truth, #lab-changes, #lab-study    what its films show; read them as a study
//	#lab-seed, #slider-le, #slider-op-zone, #lab-pacemaker, …, #lab-another, #lab-clear
//	                    what the phantom has; the sliders have the names of the address
//	#lab-state          what is being done about the phantom, data-busy = true | false; #lab-again
//	#lab-verdicts       rows [data-finding], data-answer = noticed | missed | invented;
//	                    #lab-others, #lab-changed, #lab-tally, #lab-draft, #lab-same,
//	                    #lab-plain-draft
//	#sweep              #sweep-start, #sweep-stop, #sweep-on, #sweep-csv, #sweep-state, #sweep-chart, #sweep-looks
//	#asked              what the page has asked for, in short and, if its button is pressed, one by one:
//	                    [data-state = left | local | refused], title = the address
//	#made-of            what runs, #files-state, #files-signer, and the files of the copy: [data-state = same |
//	                    altered | missing], title = the SHA-256
//	#privacy-lock, #stored-copy, …  what the room says of each, with a button if it can be changed
//	#sheet-films        films on paper, filled while the page is printed
//	#error              data-code; #error-text, #error-details, #error-dismiss, #error-restart
//	#notice             short messages that are no errors
//	#newer, #renew      that a newer version of the page is ready, and the button to use it
//	#offline            how the page stands without its server: data-copy = none | whole | refused | erased;
//	                    #lock, the switch that lets nothing out, aria-pressed = true | false
//
// The style also asks #page for data-full and .stage for data-layout = hero | pair,
// .slots for data-count, the number of views, .film-frame for data-filled, as its
// slot, .work for data-on, whether something is done, .status for data-state, which
// is data-model, and .steps li for data-state = done | now | next.
//
// Outside #page, where no render says them again, are the live regions #alert
// (role=alert, the sentence of #error-text) and #announce (aria-live=polite).
package ui

//go:generate sh generate.sh
