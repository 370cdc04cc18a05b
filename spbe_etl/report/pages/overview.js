"use strict";
const form = document.getElementById("saringan");
const rows = [...document.querySelectorAll("#tabel-instansi tbody tr")];
const status = document.getElementById("jumlah");
const shown = () => {
  const wanted = form.elements.nama.value.trim().toLowerCase();
  let count = 0;
  for (const row of rows) {
    const fits = row.dataset.nama.includes(wanted)
      && (!form.elements.jenis.value || row.dataset.jenis === form.elements.jenis.value)
      && (!form.elements.predikat.value || row.dataset.predikat === form.elements.predikat.value);
    row.hidden = !fits;
    count += fits;
  }
  status.textContent = `${count} / ${rows.length}`;
};
form.hidden = false;
form.addEventListener("input", shown);
form.addEventListener("submit", (event) => event.preventDefault());
shown();
