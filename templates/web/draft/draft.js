// The desk of a draft: words are edited as they will look, and saved as they are written. Without it, forms and a button do.
{
  const desk = document.querySelector('[data-toolbar]')
  const say = (name) => desk?.dataset[name] ?? ''
  const live = document.querySelector('[data-live]')
  const dirty = new Set()

  const KEPT = new Set('P BR B STRONG I EM SUB SUP UL OL LI DL DT DD TABLE CAPTION THEAD TBODY TFOOT TR TH TD H1 H2 H3 H4 H5 H6 BLOCKQUOTE PRE'.split(' '))
  const STRUCK = new Set(['S', 'STRIKE', 'DEL'])
  const SKIPPED = new Set('SCRIPT STYLE TITLE META LINK TEMPLATE NOSCRIPT'.split(' '))

  // what is pasted looks at once as the service will keep it; the service cleans it again all the same
  const plainly = (node, into) => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) into.append(child.data)
      else if (child.nodeType === Node.ELEMENT_NODE && !SKIPPED.has(child.nodeName)) {
        const isStruck = STRUCK.has(child.nodeName) || child.classList.contains('strikethrough') || /line-through/.test(child.getAttribute('style') ?? '')
        const name = child.nodeName === 'DIV' ? 'P' : child.nodeName
        const made = isStruck ? document.createElement('span') : KEPT.has(name) ? document.createElement(name) : undefined
        if (isStruck) made.className = 'strikethrough'
        for (const span of ['colspan', 'rowspan']) if (made !== undefined && child.hasAttribute(span)) made.setAttribute(span, child.getAttribute(span))
        if (made !== undefined) into.append(made)
        plainly(child, made ?? into)
      }
    }
    return into
  }

  const paste = (event) => {
    const html = event.clipboardData?.getData('text/html')
    if (!html) return
    event.preventDefault()
    const holder = plainly(new DOMParser().parseFromString(html, 'text/html').body, document.createElement('div'))
    document.execCommand('insertHTML', false, holder.innerHTML)
  }

  const TOOLS = [
    ['bold', 'bold'],
    ['italic', 'italic'],
    ['bullets', 'insertUnorderedList'],
    ['numbers', 'insertOrderedList'],
    ['table', 'insertHTML', '<table><tbody><tr><th>&nbsp;</th><th>&nbsp;</th></tr><tr><td>&nbsp;</td><td>&nbsp;</td></tr></tbody></table><p><br></p>'],
  ]

  const toolbar = (editable) => {
    const bar = document.createElement('div')
    bar.className = 'tools-bar'
    bar.setAttribute('role', 'group')
    bar.setAttribute('aria-label', say('toolbar'))
    for (const [name, command, value] of TOOLS) {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = say(name)
      button.className = name
      button.addEventListener('mousedown', (event) => event.preventDefault())
      button.addEventListener('click', () => {
        editable.focus()
        document.execCommand(command, false, value)
        editable.dispatchEvent(new Event('input', { bubbles: true }))
      })
      bar.append(button)
    }
    return bar
  }

  const enrich = (words) => {
    const area = words.querySelector('textarea')
    const label = words.querySelector('label')
    const source = words.querySelector('template[data-source]')
    const editable = document.createElement('div')
    editable.className = 'editable'
    editable.contentEditable = 'true'
    editable.setAttribute('role', 'textbox')
    editable.setAttribute('aria-multiline', 'true')
    editable.dir = 'auto'
    label.id ||= `l-${area.id}`
    editable.setAttribute('aria-labelledby', label.id)
    editable.append(...(source.content.firstElementChild?.cloneNode(true).childNodes ?? []))
    if (editable.childNodes.length === 0) editable.innerHTML = '<p><br></p>'
    editable.id = area.id
    area.removeAttribute('id')
    area.disabled = true
    area.setAttribute('tabindex', '-1')
    label.removeAttribute('for')
    label.addEventListener('click', () => editable.focus())
    const field = document.createElement('input')
    field.type = 'hidden'
    field.name = 'html'
    words.append(toolbar(editable), editable, field)
    words.classList.add('rich')
    editable.addEventListener('paste', paste)
    editable.addEventListener('drop', (event) => event.preventDefault())
    const sync = () => void (field.value = editable.innerHTML)
    sync()
    editable.addEventListener('input', sync)
  }

  document.execCommand('defaultParagraphSeparator', false, 'p')
  for (const words of document.querySelectorAll('[data-words]')) enrich(words)

  const tell = (form, name) => {
    const state = form.querySelector('[data-state]')
    if (state !== null) {
      state.textContent = say(name)
      state.className = name === 'failed' ? 'bad' : ''
    }
    if (live !== null && (name === 'saved' || name === 'failed')) {
      live.textContent = say(name)
      live.classList.toggle('bad', name === 'failed')
    }
  }

  const show = (answer, form) => {
    form.elements.version.value = answer.version
    for (const part of answer.sections) {
      const section = document.getElementById(part.key)
      if (section === null) continue
      section.querySelector('[data-issues]').innerHTML = part.issues
      const made = section.querySelector('[data-made]')
      made.hidden = part.generated === ''
      made.querySelector('[data-generated]').innerHTML = part.generated
      const summary = section.querySelector('.entries > summary')
      if (summary !== null) summary.textContent = part.count
      const reason = section.querySelector('[data-reason]')
      if (reason !== null) reason.hidden = part.hasEntries
      const mark = document.querySelector(`[data-mark="${CSS.escape(part.key)}"]`)
      if (mark !== null) {
        mark.className = `mark ${part.mark}`
        mark.innerHTML = part.markText
      }
    }
    const general = document.querySelector('[data-general]')
    if (general !== null) general.innerHTML = answer.general
    const preview = document.querySelector('[data-preview]')
    if (preview !== null) preview.src = `${preview.src.split('?')[0]}?version=${answer.version}`
  }

  let isLeaving = false
  let line = Promise.resolve()
  const save = (form) => {
    line = line.then(async () => {
      if (!dirty.has(form)) return
      dirty.delete(form)
      tell(form, 'saving')
      const body = new URLSearchParams(new FormData(form))
      body.set('action', 'save')
      body.set('by', 'script')
      try {
        const response = await fetch(form.getAttribute('action'), { method: 'POST', body, credentials: 'same-origin' })
        if (response.status === 412 || response.status === 409) {
          // the form holds all that was written until now: nothing is lost by leaving
          isLeaving = true
          form.submit()
          return
        }
        if (!response.ok || response.redirected) throw new Error(String(response.status))
        show(await response.json(), form)
        tell(form, dirty.has(form) ? 'unsaved' : 'saved')
      } catch {
        dirty.add(form)
        tell(form, 'failed')
      }
    })
    return line
  }

  for (const form of document.querySelectorAll('form[data-save]')) {
    let timer
    const later = (ms) => {
      dirty.add(form)
      tell(form, 'unsaved')
      clearTimeout(timer)
      timer = setTimeout(() => save(form), ms)
    }
    form.addEventListener('input', (event) => later(event.target.type === 'checkbox' ? 250 : 900))
    form.addEventListener('change', () => later(250))
    form.addEventListener('focusout', (event) => {
      if (dirty.has(form) && !form.contains(event.relatedTarget)) later(0)
    })
    form.addEventListener('submit', () => {
      clearTimeout(timer)
      dirty.delete(form)
    })
    for (const plain of form.querySelectorAll('[data-plain]')) plain.hidden = true
  }

  // whoever goes on while something is not saved yet has it saved first
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]')
    if (link === null || link === undefined || link.target !== '' || dirty.size === 0 || link.getAttribute('href').startsWith('#')) return
    event.preventDefault()
    void Promise.all([...dirty].map(save)).then(() => {
      if (dirty.size === 0) location.assign(link.href)
    })
  })
  window.addEventListener('beforeunload', (event) => {
    if (dirty.size > 0 && !isLeaving) event.preventDefault()
  })
}
