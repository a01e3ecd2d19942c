package admin

import (
	"errors"
	"io"
	"mime/multipart"
)

// readPart reads a file that was sent.
func readPart(h *multipart.FileHeader) ([]byte, error) {
	file, err := h.Open()
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(file) // the whole form is bounded
	return b, errors.Join(err, file.Close())
}
