// Only what is pleasant: every page works without it.

// a document that was put here shows itself in its frame, without a click
for (const form of document.querySelectorAll('form[data-show]')) {
  form.classList.add('shown')
  form.requestSubmit()
}

// a file may be dropped anywhere on the page that takes one
{
  const form = document.querySelector('form[data-drop]')
  const input = form?.querySelector('input[type="file"]')
  if (form && input) {
    const over = (is) => (event) => {
      event.preventDefault()
      form.classList.toggle('over', is)
    }
    addEventListener('dragover', over(true))
    addEventListener('dragleave', over(false))
    addEventListener('drop', (event) => {
      over(false)(event)
      if (event.dataTransfer.files.length === 0) return
      input.files = event.dataTransfer.files
      form.requestSubmit()
    })
  }
}
