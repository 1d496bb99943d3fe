// What lies over the points: rings around the one clicked and its neighbours, and the star of the
// person's own sketch. On a canvas of its own: nothing hides it, and it is the same in 2D and 3D.
function makeMarks(canvas) {
  const pen = canvas.getContext("2d");

  function ring(x, y, radius, look) {
    for (const [width, colour] of [[4.5, look.paper], [2, look.ink]]) {
      pen.beginPath();
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      pen.lineWidth = width;
      pen.strokeStyle = colour;
      pen.stroke();
    }
  }

  function star(x, y, look) {
    pen.beginPath();
    for (let i = 0; i < 10; i += 1) {
      const radius = i % 2 ? 6.2 : 15;
      const angle = (Math.PI * i) / 5 - Math.PI / 2;
      pen.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    }
    pen.closePath();
    pen.lineJoin = "round";
    pen.lineWidth = 4;
    pen.strokeStyle = look.paper;
    pen.stroke();
    pen.fillStyle = look.ink;
    pen.fill();
    pen.font = `600 13px ${look.font}`;
    pen.textBaseline = "middle";
    pen.strokeText("my sketch", x + 20, y);
    pen.fillText("my sketch", x + 20, y);
  }

  // eye: place (an offset into coordinates) -> pixels; look: ink, paper and font.
  return {
    canvas,
    paint(eye, marked, starAt, look) {
      const { clientWidth: width, clientHeight: height } = canvas;
      const dots = 2;
      canvas.width = width * dots;
      canvas.height = height * dots;
      pen.scale(dots, dots);
      for (const mark of marked) {
        const [x, y] = eye(mark.row);
        ring(x, y, mark.strong ? 10 : 6.5, look);
      }
      if (starAt) star(...starAt, look);
    },
  };
}
