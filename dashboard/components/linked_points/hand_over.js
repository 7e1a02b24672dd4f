// All that this component does: it has no picture.

export default function ({ data }) {
  keep(data.version, data.points);
}
